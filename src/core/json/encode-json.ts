import type { JsonText } from "./json.ts";
import { escapePointer } from "./schema.ts";

/**
 * A value that `JSON.stringify` rejects, or would lose or replace in silence. The message names its path and says what
 * to do.
 */
export class NotJsonError extends TypeError {
  override readonly name = "NotJsonError";
  /** The path below the encoded value, as JavaScript writes it: `.disks[0].sizeGb`. Empty for the value itself. */
  readonly path: string;
  /** The same path as an RFC 6901 pointer: `/disks/0/sizeGb`. */
  readonly pointer: string;
  /** The message without the path: `NaN cannot be represented in JSON; use null or a string`. */
  readonly reason: string;

  constructor(where: string, { keys, reason }: Loss, options?: ErrorOptions) {
    const path = keys.map(segmentOf).join("");
    super(`${where}${path}: ${reason}`, options);
    this.path = path;
    this.pointer = keys.map((key) => `/${escapePointer(String(key))}`).join("");
    this.reason = reason;
  }
}

type Key = string | number;

interface Loss {
  /** The keys that lead to the value, outermost first. */
  readonly keys: Key[];
  readonly reason: string;
}

/**
 * Encodes a value of user code, such as the result of a step, as `JSON.stringify` does, but rejects everything that
 * `JSON.stringify` loses or replaces without an error: NaN and Infinity, Map, Set, RegExp, Error, Promise, typed arrays
 * and Buffers, functions and symbols, invalid dates, and holes in arrays. Cycles and BigInt are rejected with their
 * path, too.
 *
 * Four conversions stay as JSON defines them: a Date becomes its ISO 8601 string, an object with a `toJSON` method
 * becomes what the method returns, object fields that are `undefined` are left out, and array elements that are
 * `undefined` become null.
 *
 * @param where what the value is, for the beginning of the error message: `configuration`, `The result of "boot"`
 * @throws NotJsonError
 */
export function encodeJson(value: unknown, where: string): JsonText {
  let text: string | undefined;
  let loss: Loss | undefined;
  try {
    text = JSON.stringify(value);
    loss = findLoss(value, "");
  } catch (cause) {
    throw new NotJsonError(where, lossOf(value, cause), { cause });
  }
  if (loss !== undefined) throw new NotJsonError(where, loss);
  if (text === undefined) throw new NotJsonError(where, unrepresentable("undefined", "use null"));
  return text;
}

/** Finds the reason why `JSON.stringify` threw an error. */
function lossOf(value: unknown, cause: unknown): Loss {
  try {
    const loss = findLoss(value, "", new Set());
    if (loss !== undefined) return loss;
  } catch {
    // The value throws again while it is read: the first error says why.
  }
  if (cause instanceof RangeError) return { keys: [], reason: "it is nested too deeply or too long for JSON" };
  const why = cause instanceof Error ? cause.message.split("\n", 1)[0] : String(cause);
  return { keys: [], reason: `it cannot be read as JSON: ${why}` };
}

/**
 * Finds the first part of a value that JSON would lose. No path is kept on the way down, which keeps the check cheap:
 * the keys are collected on the way back.
 *
 * @param ancestors the objects around the value, to find a cycle; not needed once `JSON.stringify` has found none
 */
function findLoss(value: unknown, key: Key, ancestors?: Set<unknown>): Loss | undefined {
  switch (typeof value) {
    case "string":
    case "boolean":
    case "undefined":
      return undefined;
    case "number":
      return Number.isFinite(value) ? undefined : unrepresentable(String(value), "use null or a string");
    case "symbol":
      return unrepresentable("a symbol");
    default:
      return value === null ? undefined : findLossInstead(value, key, ancestors);
  }
}

/**
 * Checks what JSON encodes for an object, a function or a BigInt: the value itself, or what its `toJSON` method
 * returns.
 */
function findLossInstead(value: unknown, key: Key, ancestors?: Set<unknown>): Loss | undefined {
  const toJson = ArrayBuffer.isView(value) || isInvalidDate(value) ? undefined : toJsonOf(value);
  if (toJson !== undefined) {
    const converted: unknown = Reflect.apply(toJson, value, [String(key)]);
    // JSON calls `toJSON` once: what it returns is encoded without another call.
    return isObject(converted) ? findLossWithin(converted, ancestors) : findLoss(converted, key);
  }
  if (isObject(value)) return findLossWithin(value, ancestors);
  return typeof value === "bigint"
    ? unrepresentable(`the BigInt ${value}`, "use a string or a number")
    : unrepresentable("a function");
}

function findLossWithin(value: object, ancestors: Set<unknown> | undefined): Loss | undefined {
  if (ancestors?.has(value) === true) return unrepresentable("a cycle", "leave out what refers back to its container");
  ancestors?.add(value);
  const loss = Array.isArray(value) ? findLossInArray(value, ancestors) : findLossInObject(value, ancestors);
  ancestors?.delete(value);
  return loss;
}

function findLossInArray(list: readonly unknown[], ancestors: Set<unknown> | undefined): Loss | undefined {
  // Not `entries` or `some`: the first is slow, the second skips holes.
  for (let index = 0; index < list.length; index++) {
    const item = list[index];
    const isHole = item === undefined && !(index in list);
    const loss = isHole ? unrepresentable("a hole in an array", "use null") : findLoss(item, index, ancestors);
    if (loss === undefined) continue;
    loss.keys.unshift(index);
    return loss;
  }
  return undefined;
}

function findLossInObject(value: object, ancestors: Set<unknown> | undefined): Loss | undefined {
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype !== Object.prototype && prototype !== null) {
    const loss = lossOfInstance(value);
    if (loss !== undefined) return loss;
  }
  for (const key of Object.keys(value)) {
    const loss = findLoss(Reflect.get(value, key), key, ancestors);
    if (loss === undefined) continue;
    loss.keys.unshift(key);
    return loss;
  }
  return undefined;
}

/** Kinds of objects that JSON encodes by their fields or their primitive value. */
const ENCODED: ReadonlySet<string> = new Set(["Object", "Arguments", "String", "Boolean"]);

const ADVICE: Readonly<Record<string, string>> = {
  Map: "use a plain object or an array",
  Set: "use an array",
  RegExp: "use its source",
  Error: "use its message",
  Promise: "await it first",
  Date: "it is an invalid date; use null",
};

/**
 * Classes of the program are encoded by their fields; the platform's classes keep their content where JSON does not
 * look.
 */
function lossOfInstance(value: object): Loss | undefined {
  if (ArrayBuffer.isView(value)) {
    return unrepresentable(withArticle(value.constructor.name), "encode it as a string, for example in base64");
  }
  const kind = Object.prototype.toString.call(value).slice("[object ".length, -1);
  if (ENCODED.has(kind)) return undefined;
  if (kind === "Number") return findLoss(Number(value), "");
  return unrepresentable(withArticle(kind), ADVICE[kind]);
}

function unrepresentable(what: string, advice = "use plain objects, arrays, strings and numbers"): Loss {
  return { keys: [], reason: `${what} cannot be represented in JSON; ${advice}` };
}

function withArticle(noun: string): string {
  return `${/^[AEIO]/.test(noun) ? "an" : "a"} ${noun}`;
}

function isObject(value: unknown): value is object {
  return typeof value === "object" && value !== null;
}

/** `toJSON` of an invalid date returns null. */
function isInvalidDate(value: unknown): boolean {
  return value instanceof Date && Number.isNaN(value.getTime());
}

function toJsonOf(value: unknown): ((key: string) => unknown) | undefined {
  const owner = typeof value === "object" || typeof value === "function" ? value : BigInt.prototype;
  const toJson: unknown = owner === null ? undefined : Reflect.get(owner, "toJSON", value);
  return isFunction(toJson) ? toJson : undefined;
}

function isFunction(value: unknown): value is (...parameters: unknown[]) => unknown {
  return typeof value === "function";
}

function segmentOf(key: Key): string {
  if (typeof key === "number") return `[${key}]`;
  return /^[A-Za-z_$][\w$]*$/.test(key) ? `.${key}` : `[${JSON.stringify(key)}]`;
}
