import { isJsonObject } from "../../src/core/json/json.ts";

/** Parses what has to be a JSON object. */
export function parseObject(text: string): { [key: string]: unknown } {
  const parsed: unknown = JSON.parse(text);
  if (isJsonObject(parsed)) return parsed;
  throw new TypeError(`not a JSON object: ${text.slice(0, 200)}`);
}
