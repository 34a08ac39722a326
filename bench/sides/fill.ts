import { COLUMNS } from "../../src/stores/resource-row.ts";

/** Columns that are another's in each copy: ids, by which nothing else is meant. */
const OWN: ReadonlySet<string> = new Set(["id", "operation", "creation", "root"]);

/** Apart in the list, each older than the one before. */
const APART_MS = 10;

/**
 * The statement that copies a widget that was made in the usual way, so that there are as many as wanted: to post a million would
 * take longer than all measurements. Their numbers are negative: those of the store go on where they were.
 */
export function fillStatement(dialect: "sqlite" | "postgres", table: string, count: number): string {
  const values = COLUMNS.map((column) => {
    if (OWN.has(column)) return `substr(t.${column}, 1, 9) || ${padded(dialect)}`;
    if (column === "created_at") return `t.created_at - n.i * ${APART_MS}`;
    return `t.${column}`;
  });
  const numbers =
    dialect === "sqlite"
      ? `(with recursive n (i) as (select 1 union all select i + 1 from n where i < ${count}) select i from n) n`
      : `generate_series(1, ${count}) n (i)`;
  return `
    insert into ${table} (row, ${COLUMNS.join(", ")})
    select -n.i, ${values.join(", ")} from ${numbers}, (select * from ${table} where type = 'widget' limit 1) t`;
}

/** The number of a copy, by which it can be named without having been listed. */
function padded(dialect: "sqlite" | "postgres"): string {
  return dialect === "sqlite" ? "printf('%013d', n.i)" : "lpad(n.i::text, 13, '0')";
}

/** The ids of some copies, spread over all. */
export function filledIds(first: string, count: number, wanted: number): string[] {
  const step = Math.max(1, Math.floor(count / wanted));
  return Array.from({ length: Math.min(wanted, count) }, (_, index) => {
    const number = 1 + ((index * step) % count);
    return first.slice(0, 9) + String(number).padStart(13, "0");
  });
}
