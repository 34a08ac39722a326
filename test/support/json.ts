import { isJsonObject } from "../../src/core/json/json.ts";

/** Parses a JSON object. Throws for any other value. */
export function parseObject(text: string): { [key: string]: unknown } {
  const parsed: unknown = JSON.parse(text);
  if (isJsonObject(parsed)) return parsed;
  throw new TypeError(`not a JSON object: ${text.slice(0, 200)}`);
}
