import { once } from "node:events";
import { join } from "node:path";
import { temporaryFolder } from "../support/afoot-process.ts";
import { check } from "./check.ts";
import { make, readEnd } from "./clients.ts";
import { startCrashServer } from "./crash-process.ts";
import { readLedger } from "./ledger.ts";
import type { Behaviour, Ended } from "./report.ts";

export interface Outcome {
  readonly ended: Ended;
  readonly died: boolean;
  readonly faults: readonly string[];
}

/** Runs an operation whose server dies after this commit of it, and starts again. */
export async function crashAfter(behaviour: Behaviour, commit: number): Promise<Outcome> {
  await using folder = await temporaryFolder();
  const ledger = join(folder.path, "ledger.jsonl");
  const environment = { FAULTS_LEDGER: ledger, CRASH_STORE: join(folder.path, "afoot.db") };
  let origin: string | undefined;
  let died = false;
  const first = await startCrashServer({ ...environment, CRASH_AFTER: String(commit) });
  let last = first;
  origin = first.origin;
  const replaced = once(first.process, "exit").then(async ([, signal]: unknown[]) => {
    if (signal !== "SIGKILL") return;
    died = true;
    last = await startCrashServer(environment);
    ({ origin } = last);
  });
  const made = await make(() => origin, behaviour, 2);
  const ended = await readEnd(() => origin, made);
  if (died) await replaced;
  const exited = last.process.exitCode === null ? once(last.process, "exit") : undefined;
  last.process.kill("SIGTERM");
  await exited;
  return { ended, died, faults: check([ended], readLedger(ledger)) };
}
