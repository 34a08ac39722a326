import type { ErasedWork } from "../../core/definition/resource-type.ts";
import type { StepRecord } from "../../core/resource.ts";
import { TIMED_OUT } from "../../core/state-machine/settling.ts";
import { type Attempt, SETTLE_GRACE_MS } from "../attempt/attempt.ts";
import { misuse } from "../attempt/failure.ts";
import { measured } from "../attempt/measured.ts";
import { decodeResult } from "../work/json-result.ts";
import { idempotencyKey } from "../work/step-name.ts";
import type { Decoded } from "./context.ts";
import { type Met, meet } from "./find-undo-functions.ts";
import { failed, type Outcome } from "./outcome.ts";

/** Takes back what the operation's steps did, the last begun first. */
export async function undo(attempt: Attempt, work: ErasedWork, decoded: Decoded): Promise<Outcome | undefined> {
  const owed = attempt.grant.records
    .filter((record) => record.undo && record.state !== "undone")
    .toSorted((a, b) => b.position - a.position);
  const left = new Set(owed.map(({ step }) => step));
  const met = await meet(attempt, work, decoded, owed);
  for (const record of owed) {
    const undoStep = met.get(record.step);
    if (undoStep === undefined) continue;
    if (attempt.aborted !== undefined) return abortedOutcome(attempt, left);
    const failure = await undone(attempt, record, undoStep);
    if (failure === undefined) left.delete(record.step);
    else if (attempt.aborted === undefined) return { ...failed(attempt, failure.error), left: [...left] };
  }
  if (attempt.aborted !== undefined) return abortedOutcome(attempt, left);
  if (left.size === 0) return { outcome: "undone" };
  return { ...failed(attempt, unmet(left)), left: [...left] };
}

/** Undoes one step and commits that. Gives what went wrong. */
async function undone(attempt: Attempt, record: StepRecord, undoStep: Met): Promise<{ error: unknown } | undefined> {
  const { step, result, state, generation } = record;
  const controller = new AbortController();
  const givenUp = Promise.withResolvers<never>();
  const forget = attempt.onAbort((reason) => {
    controller.abort(reason);
    attempt.after(SETTLE_GRACE_MS, () => givenUp.reject(reason));
  });
  const run = {
    result: state === "done" ? decodeResult(result) : undefined,
    idempotencyKey: idempotencyKey(attempt.grant.root, step, generation),
    signal: controller.signal,
  };
  try {
    await Promise.race([measured(attempt, "undo", step, async () => undoStep(run)), givenUp.promise]);
    await attempt.record({ step, state: "undone", undo: true });
    return undefined;
  } catch (error) {
    return { error };
  } finally {
    forget();
  }
}

function abortedOutcome({ aborted }: Attempt, left: ReadonlySet<string>): Outcome | undefined {
  switch (aborted?.code) {
    case "attempt-over":
      return undefined;
    case "timed-out":
      return { outcome: "failed", error: TIMED_OUT, left: [...left] };
    default:
      return { outcome: "handed-back" };
  }
}

function unmet(left: ReadonlySet<string>): Error {
  const names = [...left].map((step) => JSON.stringify(step)).join(", ");
  return misuse(
    "undo-incomplete",
    `The work as it is now does not come to ${names} with an undo, so it cannot be taken back; keep steps that may still have to be undone.`,
  );
}
