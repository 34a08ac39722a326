import { UnservableError } from "./unservable.ts";

/** Maximum number of values in a document, each use of an alias counted. */
const MAX_VALUES = 1_000_000;

/**
 * Rejects a document whose aliases expand beyond all bounds: each may stand for several uses of another one.
 *
 * @throws UnservableError
 */
export function checkSize(document: unknown): void {
  const sizes = new Map<unknown, number>();
  const sizeOf = (value: unknown): number => {
    if (typeof value !== "object" || value === null) return 1;
    const known = sizes.get(value);
    if (known !== undefined) return known;
    // An alias to a value that contains it.
    sizes.set(value, Infinity);
    const size = Object.values(value).reduce<number>((sum, each) => sum + sizeOf(each), 1);
    sizes.set(value, size);
    return size;
  };
  if (sizeOf(document) <= MAX_VALUES) return;
  throw new UnservableError("", `it has more than ${MAX_VALUES} values with its aliases; use $ref instead of aliases`);
}
