import type { IdempotentReply, RefusalCode } from "../change.ts";
import type { Resource } from "../resource.ts";

/** The result of one change. */
export interface ApplyResult {
  /**
   * `replayed`: the Idempotency-Key was used before for the same request. `reply` is the stored reply; nothing changed.
   * `locked`: a transaction of the application holds the row for long. Nothing changed; the call may be repeated.
   */
  readonly outcome: "applied" | "unchanged" | "dropped" | "refused" | "replayed" | "locked";
  readonly code?: RefusalCode;
  /** The row after the change; the present row if nothing changed. */
  readonly resource?: Resource;
  readonly reply?: IdempotentReply;
  /** The rows of other resources that the change changed, too: a child by its parent, or a parent by its child. */
  readonly also?: readonly Resource[];
}

/** Returns the rows that a change has changed. */
export function changedResources({ outcome, resource, also = [] }: ApplyResult): readonly Resource[] {
  return outcome === "applied" && resource !== undefined ? [resource, ...also] : also;
}

/** Returns the result of a change. @throws RangeError if the store returned none */
export function requireResult(result: ApplyResult | undefined): ApplyResult {
  if (result === undefined) throw new RangeError("the store returned no result for a change");
  return result;
}

/** Identifies the stored reply of an idempotent request. */
export interface ReplyKey {
  readonly principal: string;
  readonly key: string;
}
