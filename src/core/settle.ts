/** A return value of work that names its ready label. Created by {@link settle}. */
export interface Settled<Label extends string, Details> {
  /** @internal a name in place of a symbol, so that the types of two copies of the package match */
  readonly "~settled": true;
  readonly label: Label;
  readonly details: Details;
}

/**
 * Returns the details of a success together with its ready label. Work that returns only details ends with the first
 * ready label of its type.
 */
export function settle<const Label extends string, Details>(label: Label, details: Details): Settled<Label, Details> {
  return { "~settled": true, label, details };
}

/** Returns true for a value created by {@link settle}. */
export function isSettled(value: unknown): value is Settled<string, unknown> {
  return typeof value === "object" && value !== null && "~settled" in value;
}
