import { basename } from "node:path";
import { isJsonObject } from "../../core/json/json.ts";
import { escapePointer } from "../../core/json/schema.ts";
import { UnservableError } from "./unservable.ts";

/**
 * A document brought together from several files, with every reference to a place in itself: what other files said of the file
 * it began with still names that file.
 *
 * @throws UnservableError for a reference that leads elsewhere
 */
export function withLocalReferences<Value>(document: Value, file: string): Value;
export function withLocalReferences(document: unknown, file: string): unknown {
  const own = basename(file);
  const local = (value: unknown, pointer: string): unknown => {
    if (Array.isArray(value)) return value.map((item: unknown, index) => local(item, `${pointer}/${index}`));
    if (!isJsonObject(value)) return value;
    return Object.fromEntries(
      Object.entries(value).map(([key, each]) => {
        const at = `${pointer}/${escapePointer(key)}`;
        return [key, key === "$ref" && typeof each === "string" ? localReference(each, own, at) : local(each, at)];
      }),
    );
  };
  return local(document, "");
}

function localReference(reference: string, own: string, pointer: string): string {
  const [file = "", fragment = ""] = reference.split("#");
  if (file === "" || basename(file) === own) return `#${fragment}`;
  throw new UnservableError(pointer, `leads to ${reference}, which could not be brought into one document`);
}
