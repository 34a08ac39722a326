import { once } from "node:events";
import { join } from "node:path";
import type { Origin } from "../../faults/clients.ts";
import { startCrashServer } from "../../faults/crash-process.ts";
import { temporaryFolder } from "../../support/afoot-process.ts";
import { checkFamilies } from "./check.ts";
import { type Course, endFamily, listAll, makeFamily } from "./clients.ts";
import { readEffects } from "./effects.ts";
import { APP } from "./family-run.ts";

/** The outcome of one family whose process was killed right after one of its commits. */
export interface CrashOutcome {
  /** False if the family had ended before that commit. */
  readonly died: boolean;
  readonly faults: readonly string[];
}

/** @param store URL of a PostgreSQL schema that nothing else uses. @default a new SQLite file */
export async function crashAfterCommit(course: Course, commit: number, store?: string): Promise<CrashOutcome> {
  await using folder = await temporaryFolder();
  const ledger = join(folder.path, "ledger.jsonl");
  const environment = {
    FAULTS_LEDGER: ledger,
    CRASH_STORE: store ?? join(folder.path, "afoot.db"),
    CRASH_APP: `file://${APP}`,
  };
  const first = await startCrashServer({ ...environment, CRASH_AFTER: String(commit) });
  let last = first;
  let origin: string | undefined = first.origin;
  let died = false;
  const at: Origin = () => origin;
  const replaced = once(first.process, "exit").then(async ([, signal]: unknown[]) => {
    if (signal !== "SIGKILL") return;
    died = true;
    origin = undefined;
    last = await startCrashServer(environment);
    ({ origin } = last);
  });
  const made = await makeFamily(at, course, 2);
  const end = await endFamily(at, made);
  const left = {
    families: await listAll(at, "families"),
    branches: await listAll(at, "branches"),
    leaves: await listAll(at, "leaves"),
  };
  if (died) await replaced;
  const exited = last.process.exitCode === null ? once(last.process, "exit") : undefined;
  last.process.kill("SIGTERM");
  await exited;
  return { died, faults: checkFamilies([{ ...made, end }], left, readEffects(ledger)) };
}
