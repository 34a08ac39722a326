import { join } from "node:path";
import { setTimeout as passes } from "node:timers/promises";
import { type AfootProcessOptions, temporaryFolder } from "../support/afoot-process.ts";
import { check } from "./check.ts";
import { make, type Origin, readEnd, watch } from "./clients.ts";
import { type Fleet, singleFleet } from "./fleet.ts";
import { readLedger } from "./ledger.ts";
import { BEHAVIOURS, type Ended, type FaultReport, type Made } from "./report.ts";

export interface FaultRunOptions {
  readonly resources: number;
  /** How often a process is harmed. */
  readonly kills: number;
  /** What is harmed. `ledger` is the environment that tells work where to write. @default one process on SQLite */
  readonly start?: (options: Omit<AfootProcessOptions, "folder">, folder: string) => Promise<Fleet>;
  /** Called as it goes on. */
  readonly onProgress?: (text: string) => void;
}

const WATCHERS = 4;
const MAKERS = 20;
const APP = join(import.meta.dirname, "app.ts");

/** Runs mixed work while processes are harmed again and again at random, and holds the outcome against every promise. */
export async function faultRun({
  resources,
  kills,
  start = (options, folder) => singleFleet({ ...options, folder }),
  onProgress = () => {},
}: FaultRunOptions): Promise<FaultReport> {
  await using folder = await temporaryFolder();
  const ledgerPath = join(folder.path, "ledger.jsonl");
  await using fleet = await start(
    { app: APP, environment: { FAULTS_LEDGER: ledgerPath, AFOOT_LOG_LEVEL: "error" } },
    folder.path,
  );
  const origin: Origin = () => fleet.origin();
  const made: Made[] = [];
  let isOver = false;
  const watching = Promise.all(Array.from({ length: WATCHERS }, () => watch(origin, made, () => isOver)));

  let asked = 0;
  const makeAll = async (): Promise<void> => {
    while (asked < resources) {
      const behaviour = BEHAVIOURS[asked++ % BEHAVIOURS.length] ?? "plain";
      made.push(await make(origin, behaviour, 5 + Math.random() * 45));
    }
  };
  const making = Promise.all(Array.from({ length: MAKERS }, makeAll));

  for (let kill = 1; kill <= kills; kill++) {
    // Spread over the resources, so that each of them meets work of every sort and age.
    while (made.length < (resources * kill) / (kills + 2)) await passes(20);
    await passes(Math.random() * 800);
    const harm = await fleet.disturb();
    onProgress(`${kill} of ${kills}: ${harm}; ${made.length} of ${resources} accepted`);
  }
  await making;
  const ended: Ended[] = [];
  for (const one of made) {
    ended.push(await readEnd(origin, one));
    if (ended.length % 250 === 0) onProgress(`${ended.length} of ${resources} settled`);
  }
  isOver = true;
  const wentBack = (await watching).flat();
  const stopped = await fleet.stop();
  const ledger = readLedger(ledgerPath);
  return {
    ...counted(ended),
    kills,
    stepsRun: ledger.filter(({ what }) => what === "begun").length,
    stepsUndone: ledger.filter(({ what }) => what === "undone").length,
    representationsWatched: `by ${WATCHERS} clients throughout`,
    faults: [...check(ended, ledger), ...wentBack, ...stopped],
  };
}

function counted(ended: readonly Ended[]): Pick<FaultReport, "resources" | "byOutcome" | "attempts" | "workersLost"> {
  const lines = ended.flatMap(({ history }) => history);
  const byOutcome: Record<string, number> = {};
  for (const { status } of ended) byOutcome[status] = (byOutcome[status] ?? 0) + 1;
  return {
    resources: ended.length,
    byOutcome,
    attempts: lines.filter(({ event }) => event === "claimed").length,
    workersLost: lines.filter(({ event }) => event === "worker-lost").length,
  };
}
