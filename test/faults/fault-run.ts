import { join } from "node:path";
import { setTimeout as passes } from "node:timers/promises";
import { type AfootProcessOptions, temporaryFolder } from "../support/afoot-process.ts";
import { eventually } from "../support/eventually.ts";
import { random } from "../support/random.ts";
import { check } from "./check.ts";
import { make, type Origin, readEnd, watch } from "./clients.ts";
import { type Fleet, singleFleet } from "./fleet.ts";
import { readLedger } from "./ledger.ts";
import { BEHAVIOURS, type Ended, type FaultReport, type Made } from "./report.ts";

export interface FaultRunOptions {
  readonly resources: number;
  /** Number of harms. */
  readonly kills: number;
  /** Starts the processes to harm. `ledger` is the environment with the path of the log of effects. @default one process on SQLite */
  readonly start?: (options: Omit<AfootProcessOptions, "folder">, folder: string) => Promise<Fleet>;
  /** Called with the progress of the run. */
  readonly onProgress?: (text: string) => void;
}

const WATCHERS = 4;
const MAKERS = 20;
/** Maximum time from one harm to the next. */
const MAX_HARM_MS = 300_000;
const APP = join(import.meta.dirname, "app.ts");

/** Runs mixed work while random processes are harmed repeatedly, and checks the outcome against every invariant. */
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
  const startedAt = performance.now();
  const origin: Origin = () => fleet.origin();
  const made: Made[] = [];
  let isOver = false;
  const watching = Promise.all(Array.from({ length: WATCHERS }, () => watch(origin, made, () => isOver)));

  let requested = 0;
  // The resources are spread over the harms, so that each harm meets work of every kind and age.
  let allowed = resources / (kills + 1);
  // Another client may have requested the last one meanwhile.
  const isNextAllowed = (): boolean => requested < allowed || requested >= resources;
  const makeAll = async (): Promise<void> => {
    while (requested < resources) {
      await eventually("the next harm", isNextAllowed, { timeoutMs: MAX_HARM_MS });
      if (requested >= resources) return;
      const behaviour = BEHAVIOURS[requested++ % BEHAVIOURS.length] ?? "plain";
      made.push(await make(origin, behaviour, 5 + random() * 45));
    }
  };
  const making = Promise.all(Array.from({ length: MAKERS }, makeAll));
  // A failing client ends the run at the next check.
  for (const clients of [making, watching]) clients.catch(() => {});

  const harms: Record<string, number> = {};
  for (let kill = 1; kill <= kills; kill++) {
    const due = (resources * (kill - 0.5)) / (kills + 1);
    const accepted = eventually(`${due} resources`, () => made.length >= due, { timeoutMs: MAX_HARM_MS });
    await Promise.race([accepted, making, watching]);
    allowed = (resources * (kill + 1)) / (kills + 1);
    await passes(random() * 800);
    const { harm, description } = await fleet.disturb();
    harms[harm] = (harms[harm] ?? 0) + 1;
    onProgress(`${kill} of ${kills}: ${description}; ${made.length} of ${resources} accepted`);
  }
  await making;
  const ended: Ended[] = [];
  for (const one of made) {
    ended.push(await readEnd(origin, one));
    if (ended.length % 250 === 0) onProgress(`${ended.length} of ${resources} settled`);
  }
  isOver = true;
  const watched = await watching;
  const seconds = Math.round((performance.now() - startedAt) / 1000);
  const stopped = await fleet.stop();
  const ledger = readLedger(ledgerPath);
  return {
    ...counted(ended),
    kills,
    harms,
    stepsRun: ledger.filter(({ what }) => what === "begun").length,
    stepsUndone: ledger.filter(({ what }) => what === "undone").length,
    polls: watched.reduce((sum, { polls }) => sum + polls, 0),
    seconds,
    faults: [...check(ended, ledger), ...watched.flatMap(({ faults }) => faults), ...stopped],
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
