import assert from "node:assert/strict";
import { once } from "node:events";
import { join } from "node:path";
import { it } from "node:test";
import { temporaryFolder } from "../support/afoot-process.ts";
import { check } from "./check.ts";
import { make, readEnd } from "./clients.ts";
import { startCrashServer } from "./crash-process.ts";
import { readLedger } from "./ledger.ts";
import type { Behaviour, Ended } from "./report.ts";

/** Exceeds the number of commits of one operation. The run in which the server survives all of them is the last one. */
const MOST_COMMITS = 100;

for (const behaviour of ["whole", "whole-undo"] as const) {
  it(`ends right though the process dies after any one commit of it: ${behaviour}`, async (context) => {
    let crashes = 0;
    for (let commit = 1; commit < MOST_COMMITS; commit++) {
      const { ended, died, faults } = await crashAfter(behaviour, commit);
      assert.deepEqual(faults, [], `after commit ${commit}: ${JSON.stringify(ended.history, null, 1)}`);
      if (!died) break;
      crashes += 1;
    }
    context.diagnostic(`${crashes} crashes, each after another commit`);
    assert.ok(crashes >= 10, `the operation made ${crashes} commits only`);
  });
}

interface Outcome {
  readonly ended: Ended;
  readonly died: boolean;
  readonly faults: readonly string[];
}

async function crashAfter(behaviour: Behaviour, commit: number): Promise<Outcome> {
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
