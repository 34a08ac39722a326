import { basename } from "node:path";
import { isJsonObject } from "../../core/json/json.ts";
import { escapePointer } from "../../core/json/schema.ts";
import { UnservableError } from "./unservable.ts";

/**
 * Makes every reference of a bundled document local. References from other files to the root file still contain its name after
 * bundling.
 *
 * @throws UnservableError for a reference to another file
 */
export function withLocalReferences<Value>(document: Value, file: string): Value;
export function withLocalReferences(document: unknown, file: string): unknown {
  const ownName = basename(file);
  const localize = (value: unknown, pointer: string): unknown => {
    if (Array.isArray(value)) return value.map((item: unknown, index) => localize(item, `${pointer}/${index}`));
    if (!isJsonObject(value)) return value;
    return Object.fromEntries(
      Object.entries(value).map(([key, each]) => {
        const childPointer = `${pointer}/${escapePointer(key)}`;
        return [
          key,
          key === "$ref" && typeof each === "string"
            ? toLocalReference(each, ownName, childPointer)
            : localize(each, childPointer),
        ];
      }),
    );
  };
  return localize(document, "");
}

function toLocalReference(reference: string, ownName: string, pointer: string): string {
  const [file = "", fragment = ""] = reference.split("#");
  if (file === "" || basename(file) === ownName) return `#${fragment}`;
  throw new UnservableError(pointer, `refers to ${reference}, which could not be bundled into the document`);
}
