import type { JsonText } from "../../core/json/json.ts";
import { misuse } from "../attempt/failure.ts";

/**
 * Writes what a step gave as JSON; undefined for nothing.
 *
 * @throws PermanentError `step-result-not-json` for a function, a symbol, a cycle, a BigInt
 */
export function encodeResult(name: string, value: unknown): JsonText | undefined {
  if (value === undefined) return undefined;
  const text = stringify(value, (why, cause) =>
    misuse(
      "step-result-not-json",
      `The result of ${JSON.stringify(name)} cannot be recorded: ${why}. Return plain values.`,
      cause,
    ),
  );
  return text;
}

/** What a recorded result is given to work as. */
export function decodeResult(text: JsonText | null | undefined): unknown {
  return text === null || text === undefined ? undefined : JSON.parse(text);
}

/** Writes a value as JSON, or throws what `refuse` makes of the reason why it is none. */
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
