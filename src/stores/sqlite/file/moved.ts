import { StoreOpenError } from "../../../core/errors.ts";
import { isJsonObject } from "../../../core/json/json.ts";
import type { Moved } from "../../copying.ts";
import { number, text } from "../../values.ts";
import type { Meta } from "./meta.ts";

/** What the file says of where it went; undefined for one that is still the store. */
export function movedOf(meta: Meta): Moved | undefined {
  const stored = meta.get("moved") ?? "";
  if (stored === "") return undefined;
  const value: unknown = JSON.parse(stored);
  if (!isJsonObject(value)) throw new TypeError(`meta.moved: ${stored}`);
  return { copy: text(value["copy"]), to: text(value["to"]), at: number(value["at"]) };
}

export function saveMoved(meta: Meta, moved: Moved | undefined): void {
  meta.set("moved", moved === undefined ? "" : JSON.stringify(moved));
}

/** Two stores that both go on from the same state would be two truths. @throws StoreOpenError `store-moved` */
export function refuseMoved(meta: Meta, path: string): void {
  const moved = movedOf(meta);
  if (moved === undefined) return;
  throw new StoreOpenError(
    "store-moved",
    `${path} was moved to ${moved.to} on ${new Date(moved.at).toISOString()} and is no store any more; start with --store and the URL of that ` +
      `one. If the copy was cut off in its last moment, run the same afoot copy again: it finds out, and finishes`,
  );
}
