/** A value that is there already, or will be: what needs no waiting is not made to wait for a turn of its own. */
export type Eventually<Value> = Value | Promise<Value>;

/** Goes on with a value: at once where it is there. */
export function whenThere<Value, Result>(
  value: Eventually<Value>,
  next: (value: Value) => Eventually<Result>,
): Eventually<Result> {
  // oxlint-disable-next-line promise/no-callback-in-promise -- `next` is what happens next, whether there is a promise or not
  return value instanceof Promise ? value.then(next) : next(value);
}
