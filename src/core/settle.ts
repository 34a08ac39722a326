const SETTLED = Symbol.for("afoot.settled");

/** What work returns to end with another label than the first ready one. Made by {@link settle}. */
export interface Settled<Label extends string, Details> {
  readonly [SETTLED]: true;
  readonly label: Label;
  readonly details: Details;
}

/**
 * Names the ready label with which an operation ends, beside the details, whole. Work that returns its details alone ends with
 * the first ready label of its type.
 */
export function settle<const Label extends string, Details>(label: Label, details: Details): Settled<Label, Details> {
  return { [SETTLED]: true, label, details };
}

/** Tells what {@link settle} made from plain details. */
export function isSettled(value: unknown): value is Settled<string, unknown> {
  return typeof value === "object" && value !== null && SETTLED in value;
}
