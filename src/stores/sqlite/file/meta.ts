import { readFileSync } from "node:fs";
import type { DatabaseSync } from "node:sqlite";
import { StoreOpenError } from "../../../core/errors.ts";
import { isJsonObject } from "../../../core/json/json.ts";
import type { Relocation } from "../../copying.ts";
import { text, number } from "../../values.ts";
import { prepareRows } from "./statement.ts";

/** What the file says of itself. */
export interface Meta {
  get(name: MetaName): string | undefined;
  set(name: MetaName, value: string): void;
}

/**
 * `written_by`: the version of Afoot that migrated it last. `holder`: the process that has it open. `next_sequence`: of history.
 * `moved`: where it went.
 */
export type MetaName = "written_by" | "holder" | "next_sequence" | "moved";

export function createMeta(database: DatabaseSync): Meta {
  const select = prepareRows(database, "select value from meta where name = ?");
  const upsert = database.prepare("insert or replace into meta (name, value) values (?, ?)");
  return {
    get(name) {
      const row = select.get(name);
      return row === undefined ? undefined : text(row[0]);
    },
    set(name, value) {
      upsert.run(name, value);
    },
  };
}

/** The version of this package, for the file to say who wrote it. */
export function afootVersion(): string {
  // By its name: the built file lies elsewhere than its source.
  const description: unknown = JSON.parse(readFileSync(new URL(import.meta.resolve("afoot/package.json")), "utf8"));
  const version =
    typeof description === "object" && description !== null && "version" in description
      ? description.version
      : undefined;
  return typeof version === "string" ? version : "unknown";
}

/** What the file says of where it went; undefined for one that is still the store. */
export function readRelocation(meta: Meta): Relocation | undefined {
  const stored = meta.get("moved") ?? "";
  if (stored === "") return undefined;
  const value: unknown = JSON.parse(stored);
  if (!isJsonObject(value)) throw new TypeError(`meta.moved: ${stored}`);
  return { copy: text(value["copy"]), to: text(value["to"]), at: number(value["at"]) };
}

export function saveRelocation(meta: Meta, moved: Relocation | undefined): void {
  meta.set("moved", moved === undefined ? "" : JSON.stringify(moved));
}

/** Two stores that both go on from the same state would be two truths. @throws StoreOpenError `store-moved` */
export function rejectRelocated(meta: Meta, path: string): void {
  const moved = readRelocation(meta);
  if (moved === undefined) return;
  throw new StoreOpenError(
    "store-moved",
    `${path} was moved to ${moved.to} on ${new Date(moved.at).toISOString()} and is no store any more; start with --store and the URL of that ` +
      `one. If the copy was cut off in its last moment, run the same afoot copy again: it finds out, and finishes`,
  );
}
