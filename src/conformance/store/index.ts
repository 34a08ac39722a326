import { randomInt } from "node:crypto";
import { describe, it } from "node:test";
import { childTests } from "./children.ts";
import { deliveryTests } from "./deliveries.ts";
import { earlyClaimTests } from "./early-claims.ts";
import { runWithFixture, type StoreConformanceOptions, type StoreTests } from "./fixture/fixture.ts";
import { modelTests } from "./model-runs.ts";
import { acceptTests } from "./operations/accept.ts";
import { batchTests } from "./operations/batches.ts";
import { claimTests } from "./operations/claim.ts";
import { claimedTests } from "./operations/claimed.ts";
import { clockTests } from "./operations/clock.ts";
import { editTests } from "./operations/edits.ts";
import { eventTests } from "./operations/events.ts";
import { idempotencyTests } from "./operations/idempotency.ts";
import { limitTests } from "./operations/limits.ts";
import { overdueTests } from "./operations/overdue.ts";
import { principalTests } from "./operations/principals.ts";
import { purgeTests } from "./operations/purge.ts";
import { receivedTests } from "./operations/received.ts";
import { recordTests } from "./operations/records.ts";
import { turnTests } from "./operations/turns.ts";
import { findTests } from "./reading/find.ts";
import { historyTests } from "./reading/history.ts";
import { listTests } from "./reading/list.ts";
import { reopeningTests } from "./reopening.ts";
import { durationTests } from "./reporting/durations.ts";
import { inProgressCountTests } from "./reporting/in-progress-counts.ts";
import { searchTests } from "./reporting/search.ts";
import { settledTests } from "./reporting/settled.ts";
import { sharingTests } from "./sharing.ts";
import { transactionTests } from "./transactions.ts";

export type { ApplicationTransaction, StoreConformanceOptions, StoreLocation } from "./fixture/fixture.ts";

/** The suites that every store must pass. */
const OPERATIONS: Readonly<Record<string, StoreTests>> = {
  accept: acceptTests,
  limits: limitTests,
  edits: editTests,
  events: eventTests,
  claim: claimTests,
  records: recordTests,
  received: receivedTests,
  children: childTests,
  idempotency: idempotencyTests,
  list: listTests,
  history: historyTests,
  batches: batchTests,
  overdue: overdueTests,
  claimed: claimedTests,
  clock: clockTests,
  principals: principalTests,
  deliveries: deliveryTests,
  purge: purgeTests,
  reopening: reopeningTests,
  sharing: sharingTests,
  model: modelTests,
};

/** The suite of the optional part `transactions`. */
const TRANSACTIONS: Readonly<Record<string, StoreTests>> = { transactions: transactionTests };

/** The suite of the optional part `turns`. */
const TURNS: Readonly<Record<string, StoreTests>> = { turns: turnTests };

/** The suites of the optional part `reporting`. */
const REPORTING: Readonly<Record<string, StoreTests>> = {
  search: searchTests,
  "in-progress counts": inProgressCountTests,
  durations: durationTests,
  settled: settledTests,
};

/** The suite of claims with the acceptance. */
const EARLY_CLAIMS: Readonly<Record<string, StoreTests>> = { "early claims": earlyClaimTests };

/** The suite of the optional part `find`. */
const FINDING: Readonly<Record<string, StoreTests>> = { find: findTests };

/**
 * Registers the tests that every store must pass, with `node:test`.
 *
 * @throws RangeError for a skip that names no test
 */
export function storeConformance(options: StoreConformanceOptions): void {
  const skipped = new Map((options.skip ?? []).map(({ test, reason }) => [test, reason]));
  describe(`store conformance: ${options.name}`, () => {
    const seed = seedOf(options);
    const { reporting, find, turns, transactions, earlyClaims } = options.capabilities;
    const suites = {
      ...OPERATIONS,
      ...(reporting === true ? REPORTING : {}),
      ...(find === true ? FINDING : {}),
      ...(turns === true ? TURNS : {}),
      ...(earlyClaims === true ? EARLY_CLAIMS : {}),
      ...(transactions === true ? TRANSACTIONS : {}),
    };
    for (const [capability, tests] of Object.entries(suites)) {
      describe(capability, { concurrency: 4 }, () => {
        for (const [name, test] of Object.entries(tests)) {
          const skip = skipped.get(`${capability}: ${name}`) ?? false;
          skipped.delete(`${capability}: ${name}`);
          it(name, { skip }, (context) =>
            runWithFixture(options, test, {
              seed,
              printSeed: (used) => context.diagnostic(`seed ${used}; repeat with AFOOT_SEED=${used}`),
            }),
          );
        }
      });
    }
    const [unknown] = skipped.keys();
    if (unknown !== undefined) {
      throw new RangeError(`storeConformance: skip: there is no test ${JSON.stringify(unknown)}`);
    }
  });
}

/** @throws RangeError for an AFOOT_SEED that is not an integer */
function seedOf({ seed }: StoreConformanceOptions): number {
  // oxlint-disable-next-line node/no-process-env -- repeats a failed run without a change to its test
  const given = process.env["AFOOT_SEED"];
  const used = given === undefined || given === "" ? (seed ?? randomInt(2 ** 32)) : Number(given);
  if (Number.isSafeInteger(used)) return used;
  throw new RangeError(
    `AFOOT_SEED: ${JSON.stringify(given ?? seed)} is not an integer; use a seed that a run has printed`,
  );
}
