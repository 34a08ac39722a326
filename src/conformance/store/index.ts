import { describe, it } from "node:test";
import { acceptTests } from "./accept.ts";
import { batchTests } from "./batches.ts";
import { claimTests } from "./claim.ts";
import { durationTests } from "./durations.ts";
import { editTests } from "./edits.ts";
import { eventTests } from "./events.ts";
import { heldTests } from "./held.ts";
import { historyTests } from "./history.ts";
import { idempotencyTests } from "./idempotency.ts";
import { limitTests } from "./limits.ts";
import { listTests } from "./list.ts";
import { modelTests } from "./model-runs.ts";
import { overdueTests } from "./overdue.ts";
import { purgeTests } from "./purge.ts";
import { receivedTests } from "./received.ts";
import { recordTests } from "./records.ts";
import { reopeningTests } from "./reopening.ts";
import { searchTests } from "./search.ts";
import { settledTests } from "./settled.ts";
import { sharingTests } from "./sharing.ts";
import { onStage, type StoreConformanceOptions, type StoreTests } from "./stage.ts";

export type { StoreConformanceOptions, StorePlace } from "./stage.ts";

const CAPABILITIES: Readonly<Record<string, StoreTests>> = {
  accept: acceptTests,
  limits: limitTests,
  edits: editTests,
  events: eventTests,
  claim: claimTests,
  records: recordTests,
  received: receivedTests,
  idempotency: idempotencyTests,
  list: listTests,
  search: searchTests,
  history: historyTests,
  batches: batchTests,
  overdue: overdueTests,
  held: heldTests,
  durations: durationTests,
  settled: settledTests,
  purge: purgeTests,
  reopening: reopeningTests,
  sharing: sharingTests,
  model: modelTests,
};

/**
 * Registers the tests that every store must pass, with `node:test`.
 *
 * @throws RangeError for a skip that names no test
 */
export function storeConformance(options: StoreConformanceOptions): void {
  const skipped = new Map((options.skip ?? []).map(({ test, reason }) => [test, reason]));
  describe(`store conformance: ${options.name}`, () => {
    for (const [capability, tests] of Object.entries(CAPABILITIES)) {
      describe(capability, { concurrency: 4 }, () => {
        for (const [name, test] of Object.entries(tests)) {
          const skip = skipped.get(`${capability}: ${name}`) ?? false;
          skipped.delete(`${capability}: ${name}`);
          it(name, { skip }, () => onStage(options, test));
        }
      });
    }
    const [unknown] = skipped.keys();
    if (unknown !== undefined) {
      throw new RangeError(`storeConformance: skip: there is no test ${JSON.stringify(unknown)}`);
    }
  });
}
