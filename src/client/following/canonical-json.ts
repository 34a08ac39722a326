import { isJsonObject } from "../../core/json/json.ts";

/** Returns a text that is the same for equal JSON values, whatever the format of numbers and the order of fields. */
export function canonicalJson(value: unknown): string {
  return JSON.stringify(value, (_, each: unknown) =>
    isJsonObject(each)
      ? Object.fromEntries(
          Object.keys(each)
            .toSorted()
            .map((name) => [name, each[name]]),
        )
      : each,
  );
}
