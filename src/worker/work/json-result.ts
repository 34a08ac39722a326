import type { JsonText } from "../../core/json/json.ts";
import { usageError } from "../attempt/failure.ts";

/**
 * Encodes the result of a step as JSON; undefined for no result.
 *
 * @throws PermanentError `step-result-not-json` for a function, a symbol, a cycle, a BigInt
 */
export function encodeResult(name: string, value: unknown): JsonText | undefined {
  if (value === undefined) return undefined;
  const text = stringify(value, (why, cause) =>
    usageError(
      "step-result-not-json",
      `The result of ${JSON.stringify(name)} cannot be recorded: ${why}. Return plain values.`,
      cause,
    ),
  );
  return text;
}

/** Decodes a recorded result. */
export function decodeResult(text: JsonText | null | undefined): unknown {
  return text === null || text === undefined ? undefined : JSON.parse(text);
}

/** Encodes a value as JSON. Throws the error that `refuse` creates from the reason. */
export function stringify(value: unknown, refuse: (why: string, cause?: unknown) => Error): JsonText {
  let text: string | undefined;
  try {
    text = JSON.stringify(value);
  } catch (cause) {
    throw refuse(cause instanceof Error ? firstLine(cause.message) : "JSON cannot carry it", cause);
  }
  if (text === undefined) throw refuse(`JSON cannot carry a ${typeof value}`);
  return text;
}

function firstLine(message: string): string {
  return message.split("\n", 1)[0] ?? message;
}
