import { COLUMNS } from "../../src/stores/resource-row.ts";

/** Columns that must be unique in each copy. */
const UNIQUE_COLUMNS: ReadonlySet<string> = new Set(["id", "operation", "creation", "root"]);

/** Difference between the creation times of two copies. */
const CREATED_INTERVAL_MS = 10;

export interface FillOptions {
  /** Number of copies that exist already. @default 0 */
  readonly from?: number;
  /** SQL of the values of columns that differ from those of the copied widget. */
  readonly values?: Readonly<Record<string, string>>;
}

/**
 * Returns a statement that copies a regularly created widget, because posting a million would take longer than all measurements. The
 * copies have negative row numbers, so that the store's own numbers continue.
 */
export function fillStatement(
  dialect: "sqlite" | "postgres",
  table: string,
  count: number,
  { from = 0, values: given = {} }: FillOptions = {},
): string {
  const values = COLUMNS.map((column) => {
    const value = given[column];
    if (value !== undefined) return value;
    if (UNIQUE_COLUMNS.has(column)) return `substr(t.${column}, 1, 9) || ${paddedNumber(dialect)}`;
    if (column === "created_at") return `t.created_at - n.i * ${CREATED_INTERVAL_MS}`;
    return `t.${column}`;
  });
  const numbers =
    dialect === "sqlite"
      ? `(with recursive n (i) as (select ${from + 1} union all select i + 1 from n where i < ${from + count}) select i from n) n`
      : `generate_series(${from + 1}, ${from + count}) n (i)`;
  return `
    insert into ${table} (row, ${COLUMNS.join(", ")})
    select -n.i, ${values.join(", ")} from ${numbers}, (select * from ${table} where type = 'widget' and row > 0 limit 1) t`;
}

/** Returns the SQL for the padded number of a copy, from which its id can be computed. */
function paddedNumber(dialect: "sqlite" | "postgres"): string {
  return dialect === "sqlite" ? "printf('%013d', n.i)" : "lpad(n.i::text, 13, '0')";
}

/** Returns the ids of a number of copies, spread evenly. */
export function filledIds(first: string, count: number, wanted: number): string[] {
  const step = Math.max(1, Math.floor(count / wanted));
  return Array.from({ length: Math.min(wanted, count) }, (_, index) => {
    const number = 1 + ((index * step) % count);
    return first.slice(0, 9) + String(number).padStart(13, "0");
  });
}
