import type { ClientBase } from "pg";
import { StoreOpenError } from "../../../core/errors.ts";
import type { CopiedTable } from "../../copying.ts";
import { text, textOrNull } from "../../values.ts";

export interface CatalogColumn {
  readonly name: string;
  readonly type: string;
  /** What numbers its rows, as `setval` needs it. */
  readonly sequence: string | null;
}

/** The columns of every table that a copy fills, by the name that stores have in common. */
export type Catalog = ReadonlyMap<string, readonly CatalogColumn[]>;

/** What this store has for itself alone. */
const OWN_TABLES: ReadonlySet<string> = new Set(["migrations", "meta", "workers"]);

/** What every opening fills: a target that was opened, and nothing else, is empty all the same. What it has of that is newer, and stays. */
export const FILLED_BY_OPENING: ReadonlySet<string> = new Set(["types"]);

/** Asks the database: what a migration adds is so copied without being named here. */
export async function readCatalog(client: ClientBase, schema: string): Promise<Catalog> {
  const { rows } = await client.query<unknown[]>({
    text: `select substr(c.relname, 2), a.attname, format_type(a.atttypid, a.atttypmod),
        pg_get_serial_sequence(format('%I.%I', n.nspname, c.relname), a.attname)
      from pg_class c join pg_namespace n on n.oid = c.relnamespace join pg_attribute a on a.attrelid = c.oid
      where n.nspname = $1 and c.relkind in ('r', 'p') and c.relname like '\\_%' and a.attnum > 0 and not a.attisdropped
      order by c.relname, a.attnum`,
    values: [schema],
    rowMode: "array",
  });
  const catalog = new Map<string, CatalogColumn[]>();
  for (const [table, name, type, sequence] of rows) {
    if (OWN_TABLES.has(text(table))) continue;
    const columns = catalog.get(text(table)) ?? [];
    columns.push({ name: text(name), type: text(type), sequence: textOrNull(sequence) });
    catalog.set(text(table), columns);
  }
  return catalog;
}

/**
 * Holds what is copied against what there is to take it: only a column that numbers itself may be left out.
 *
 * @throws StoreOpenError `store-tables` naming every table and column without a counterpart
 */
export function checkCounterparts(catalog: Catalog, tables: readonly CopiedTable[]): void {
  const given = new Map(tables.map(({ name, columns }) => [name, new Set(columns)]));
  const missing = tables.flatMap(({ name, columns }) => {
    const taken = new Set(catalog.get(name)?.map((column) => column.name));
    return columns.filter((column) => !taken.has(column)).map((column) => `${name}.${column}, which PostgreSQL lacks`);
  });
  const unfilled = [...catalog].flatMap(([name, columns]) =>
    columns
      .filter((column) => column.sequence === null && given.get(name)?.has(column.name) !== true)
      .map((column) => `${name}.${column.name}, which the source lacks`),
  );
  const faults = [...missing, ...unfilled];
  if (faults.length === 0) return;
  throw new StoreOpenError(
    "store-tables",
    `The tables of the two stores differ: ${faults.join("; ")}. Nothing was copied; this is a fault of this version of Afoot, so please report it`,
  );
}
