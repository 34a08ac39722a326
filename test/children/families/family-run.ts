import { join } from "node:path";
import { setTimeout as passes } from "node:timers/promises";
import type { Origin } from "../../faults/clients.ts";
import { type Fleet, singleFleet } from "../../faults/fleet.ts";
import { type AfootProcessOptions, temporaryFolder } from "../../support/afoot-process.ts";
import { eventually } from "../../support/eventually.ts";
import { random } from "../../support/random.ts";
import { checkFamilies, type EndedFamily } from "./check.ts";
import { COURSE_NAMES, endFamily, listAll, makeFamily } from "./clients.ts";
import { readEffects } from "./effects.ts";

export const APP = join(import.meta.dirname, "app.ts");

export interface FamilyRunOptions {
  readonly families: number;
  readonly kills: number;
  /** Starts the processes to harm. @default one process on SQLite */
  readonly start?: (options: Omit<AfootProcessOptions, "folder">, folder: string) => Promise<Fleet>;
  readonly onProgress?: (text: string) => void;
}

export interface FamilyReport {
  readonly families: number;
  readonly kills: number;
  readonly byEnd: Readonly<Record<string, number>>;
  readonly leavesMade: number;
  readonly faults: readonly string[];
}

const CLIENTS = 12;

/** Runs families of every course while processes are killed, and checks that no child is lost, orphaned or made twice. */
export async function familyRun({
  families,
  kills,
  start = (options, folder) => singleFleet({ ...options, folder }),
  onProgress = () => {},
}: FamilyRunOptions): Promise<FamilyReport> {
  await using folder = await temporaryFolder();
  const ledger = join(folder.path, "ledger.jsonl");
  const environment = { FAULTS_LEDGER: ledger, AFOOT_LOG_LEVEL: "error" };
  await using fleet = await start({ app: APP, environment }, folder.path);
  const origin: Origin = () => fleet.origin();
  const ended: EndedFamily[] = [];
  let begun = 0;
  const client = async (): Promise<void> => {
    while (begun < families) {
      const course = COURSE_NAMES[begun++ % COURSE_NAMES.length] ?? "grows";
      const made = await makeFamily(origin, course, 5 + random() * 45);
      ended.push({ ...made, end: await endFamily(origin, made) });
    }
  };
  const hasBegun = async (count: number): Promise<unknown> =>
    eventually(`${count} families`, () => begun >= count, { timeoutMs: 600_000 });
  const running = Promise.all(Array.from({ length: Math.min(CLIENTS, families) }, client));
  running.catch(() => {});
  for (let kill = 1; kill <= kills; kill++) {
    const due = (families * (kill - 0.5)) / (kills + 1);
    await Promise.race([hasBegun(due), running]);
    await passes(random() * 500);
    const { description } = await fleet.disturb();
    onProgress(`${kill} of ${kills}: ${description}; ${ended.length} of ${families} ended`);
  }
  await running;
  const left = {
    families: await listAll(origin, "families"),
    branches: await listAll(origin, "branches"),
    leaves: await listAll(origin, "leaves"),
  };
  const stopped = await fleet.stop();
  const effects = readEffects(ledger);
  const byEnd: Record<string, number> = {};
  for (const { end } of ended) byEnd[end] = (byEnd[end] ?? 0) + 1;
  return {
    families: ended.length,
    kills,
    byEnd,
    leavesMade: new Set(effects.map(({ id }) => id)).size,
    faults: [...checkFamilies(ended, left, effects), ...stopped],
  };
}
