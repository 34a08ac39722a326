import { encodeJson } from "../../core/json/encode-json.ts";
import type { JsonText } from "../../core/json/json.ts";
import { usageError } from "../attempt/failure.ts";

/**
 * Encodes the result of a step as JSON; undefined for no result.
 *
 * @throws PermanentError `step-result-not-json`, naming the path of a value that JSON would lose or replace
 */
export function encodeResult(name: string, value: unknown): JsonText | undefined {
  if (value === undefined) return undefined;
  try {
    return encodeJson(value, `The result of ${JSON.stringify(name)}`);
  } catch (cause) {
    throw usageError("step-result-not-json", `${cause instanceof Error ? cause.message : String(cause)}.`, cause);
  }
}

/** Decodes a recorded result. */
export function decodeResult(text: JsonText | null | undefined): unknown {
  return text === null || text === undefined ? undefined : JSON.parse(text);
}
