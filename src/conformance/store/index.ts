import { describe, it } from "node:test";
import { runWithFixture, type StoreConformanceOptions, type StoreTests } from "./fixture/fixture.ts";
import { modelTests } from "./model-runs.ts";
import { acceptTests } from "./operations/accept.ts";
import { batchTests } from "./operations/batches.ts";
import { claimTests } from "./operations/claim.ts";
import { claimedTests } from "./operations/claimed.ts";
import { editTests } from "./operations/edits.ts";
import { eventTests } from "./operations/events.ts";
import { idempotencyTests } from "./operations/idempotency.ts";
import { limitTests } from "./operations/limits.ts";
import { overdueTests } from "./operations/overdue.ts";
import { purgeTests } from "./operations/purge.ts";
import { receivedTests } from "./operations/received.ts";
import { recordTests } from "./operations/records.ts";
import { durationTests } from "./reading/durations.ts";
import { historyTests } from "./reading/history.ts";
import { listTests } from "./reading/list.ts";
import { searchTests } from "./reading/search.ts";
import { settledTests } from "./reading/settled.ts";
import { reopeningTests } from "./reopening.ts";
import { sharingTests } from "./sharing.ts";

export type { StoreConformanceOptions, StoreLocation } from "./fixture/fixture.ts";

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
  claimed: claimedTests,
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
          it(name, { skip }, () => runWithFixture(options, test));
        }
      });
    }
    const [unknown] = skipped.keys();
    if (unknown !== undefined) {
      throw new RangeError(`storeConformance: skip: there is no test ${JSON.stringify(unknown)}`);
    }
  });
}
