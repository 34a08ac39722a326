import type { ClientBase } from "pg";
import { StoreOpenError } from "../../../core/errors.ts";
import type { CopiedTable } from "../../copying.ts";
import { text, textOrNull } from "../../values.ts";

export interface CatalogColumn {
  readonly name: string;
  readonly type: string;
  /** The sequence that numbers its rows, as `setval` needs it. */
  readonly sequence: string | null;
}

/** The columns of every table that a copy fills, by the table name that all stores share. */
export type Catalog = ReadonlyMap<string, readonly CatalogColumn[]>;

/** Tables that exist only in this store. */
const OWN_TABLES: ReadonlySet<string> = new Set(["migrations", "meta", "workers"]);

/**
 * Tables that every opening fills. A target that was only opened counts as empty; its rows of these tables are newer,
 * and stay.
 */
export const FILLED_BY_OPENING: ReadonlySet<string> = new Set(["types"]);

/** Reads the tables and columns from the database, so that additions of migrations are copied without a change here. */
export async function readCatalog(client: ClientBase, schema: string): Promise<Catalog> {
  const { rows } = await client.query<unknown[]>({
    text: `select pg_catalog.substr(c.relname, 2), a.attname, format_type(a.atttypid, a.atttypmod),
        pg_catalog.pg_get_serial_sequence(pg_catalog.format('%I.%I', n.nspname, c.relname), a.attname)
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
 * Compares the copied tables with those of the target. Only a column that numbers itself may be missing in the source.
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
  const differences = [...missing, ...unfilled];
  if (differences.length === 0) return;
  throw new StoreOpenError(
    "store-tables",
    `The tables of the two stores differ: ${differences.join("; ")}. Nothing was copied; this is a bug of this version of Afoot, so please report it`,
  );
}
