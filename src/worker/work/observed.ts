import type { Attempt } from "../attempt/attempt.ts";
import { misuse } from "../attempt/failure.ts";
import { call } from "./call.ts";
import type { Reporter } from "./report.ts";

/** Waits, without holding a worker, until the type's `observe` has said how the operation ends. */
export type Observed = () => Promise<never>;

/** What names the call among the others of an attempt. */
export const OBSERVED = "observed";

export function createObserved(attempt: Attempt, reporter: Reporter): Observed {
  return () =>
    call(attempt, OBSERVED, async () => {
      if (attempt.type.observe === undefined) {
        throw misuse(
          "nothing-observed",
          `observed: ${attempt.type.name} declares no \`observe\`, so nobody would ever say how the operation ends.`,
        );
      }
      reporter.goOn();
      return endless(attempt);
    });
}

/** Rests until the attempt is aborted. */
export async function endless(attempt: Attempt): Promise<never> {
  await attempt.activity.wait({});
  throw attempt.aborted ?? new RangeError("a wait without an end was over");
}
