import { readFileSync } from "node:fs";
import type { DatabaseSync } from "node:sqlite";
import { StoreOpenError } from "../../../core/errors.ts";
import { isJsonObject } from "../../../core/json/json.ts";
import type { Relocation } from "../../copying.ts";
import { text, number } from "../../values.ts";
import { prepareRows } from "./statement.ts";

/** Named values about the file itself. */
export interface Meta {
  get(name: MetaName): string | undefined;
  set(name: MetaName, value: string): void;
}

/**
 * `written_by`: the version of Afoot that migrated it last. `holder`: the process that has it open. `next_sequence`:
 * the next sequence number of history. `relocation`: the copy that replaced it. `seen_at`: the last instant of the wall
 * clock. `clock_moved_by`: the sum of the steps by which everything in progress was moved.
 */
export type MetaName = "written_by" | "holder" | "next_sequence" | "relocation" | "seen_at" | "clock_moved_by";

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

/** Reads the version of this package, which is stored in the file. */
export function afootVersion(): string {
  // Resolved by name, because the built file is in another folder than its source.
  const description: unknown = JSON.parse(readFileSync(new URL(import.meta.resolve("afoot/package.json")), "utf8"));
  const version =
    typeof description === "object" && description !== null && "version" in description
      ? description.version
      : undefined;
  return typeof version === "string" ? version : "unknown";
}

/** Reads the copy that replaced the file. Returns undefined if the file is still the store. */
export function readRelocation(meta: Meta): Relocation | undefined {
  const stored = meta.get("relocation") ?? "";
  if (stored === "") return undefined;
  const value: unknown = JSON.parse(stored);
  if (!isJsonObject(value)) throw new TypeError(`meta.relocation: ${stored}`);
  return { copy: text(value["copy"]), to: text(value["to"]), at: number(value["at"]) };
}

export function saveRelocation(meta: Meta, relocation: Relocation | undefined): void {
  meta.set("relocation", relocation === undefined ? "" : JSON.stringify(relocation));
}

/**
 * Rejects a file that was moved: the copy and the file must not both be written.
 *
 * @throws StoreOpenError `store-moved`
 */
export function rejectRelocated(meta: Meta, path: string): void {
  const relocation = readRelocation(meta);
  if (relocation === undefined) return;
  throw new StoreOpenError(
    "store-moved",
    `${path} was moved to ${relocation.to} on ${new Date(relocation.at).toISOString()} and cannot be used any more; start with --store and the URL of ` +
      `the copy. If afoot copy was interrupted at its end, run the same command again to finish it`,
  );
}
