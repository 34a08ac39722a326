import type { DatabaseSync } from "node:sqlite";
import { text } from "../../values.ts";
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
