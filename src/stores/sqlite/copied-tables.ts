import type { DatabaseSync } from "node:sqlite";
import type { CopiedTable } from "../copying.ts";
import { number, type RowValues, text } from "../values.ts";
import { prepareRows } from "./file/statement.ts";
import type { Tables } from "./tables/tables.ts";

/** Tables that exist only in this store. */
const OWN_TABLES: ReadonlySet<string> = new Set(["meta"]);
/** Columns that exist only in this store, by table. Replies are numbered so that the purge finds the oldest. */
const OWN_COLUMNS: Readonly<Record<string, readonly string[]>> = { replies: ["row"] };

/** Durations as other stores have them: one row of whole milliseconds for each sample. */
const DURATIONS = {
  columns: ["type", "kind", "milestone", "reached_ms", "settled_ms"],
  from: `(select d.type, d.kind, d.milestone,
      cast(round(s.value ->> 0) as integer) as reached_ms, cast(round(s.value ->> 1) as integer) as settled_ms
    from durations d, json_each(d.samples) s order by d.type, d.kind, d.milestone, s.key)`,
};

/** Lists the tables to copy, with the columns that all stores have. */
export function copiedTables({ database, history }: Tables): CopiedTable[] {
  const names = prepareRows(
    database,
    "select name from pragma_table_list where schema = 'main' and type = 'table' and name not like 'sqlite_%' order by name",
  ).all();
  return names
    .map(([name]) => text(name))
    .filter((name) => !OWN_TABLES.has(name))
    .map((name) => ({
      name,
      columns: name === "durations" ? DURATIONS.columns : columnsOf(database, name),
      rows: number(prepareRows(database, `select count(*) from ${sourceName(name)}`).get()?.[0]),
      ...(name === "history" ? { lastNumbers: { sequence: history.nextSequence() - 1 } } : {}),
    }));
}

/** Reads the rows of a copied table one by one. */
export function readRows(database: DatabaseSync, { name, columns }: CopiedTable): Iterable<RowValues> {
  return prepareRows(database, `select ${columns.map(quoted).join(", ")} from ${sourceName(name)}`).each();
}

function columnsOf(database: DatabaseSync, table: string): string[] {
  const own = OWN_COLUMNS[table] ?? [];
  const names = prepareRows(database, "select name from pragma_table_info(?) order by cid").all(table);
  return names.map(([name]) => text(name)).filter((name) => !own.includes(name));
}

function sourceName(table: string): string {
  return table === "durations" ? DURATIONS.from : quoted(table);
}

function quoted(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}
