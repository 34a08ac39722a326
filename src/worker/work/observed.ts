import type { Attempt } from "../attempt/attempt.ts";
import { usageError } from "../attempt/failure.ts";
import { call } from "./call.ts";
import type { Reporter } from "./report.ts";

/**
 * Waits, without occupying a worker, until the type's `observe` or a status message of an external process reports the
 * end of the operation.
 */
export type Observed = () => Promise<never>;

/** The step name of the call. */
export const OBSERVED = "observed";

export function createObserved(attempt: Attempt, reporter: Reporter): Observed {
  return () =>
    call(attempt, OBSERVED, async () => {
      const { type, grant } = attempt;
      if (type.observe === undefined && type.operations.get(grant.kind)?.policy.external !== true) {
        throw usageError(
          "nothing-observed",
          `observed: ${type.name} declares neither \`observe\` nor \`external: true\`, so the operation would never end. Declare one.`,
        );
      }
      reporter.leaveReplay();
      return waitUntilAborted(attempt);
    });
}

/** Waits until the attempt is aborted. */
export async function waitUntilAborted(attempt: Attempt): Promise<never> {
  await attempt.activity.wait({});
  throw attempt.aborted ?? new RangeError("a wait without an end has ended");
}
