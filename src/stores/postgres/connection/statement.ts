import { escapeIdentifier } from "pg";
import { type ColumnValue, toStorable, UnstorableValue } from "../../values.ts";

export interface Statement {
  /** By which a connection prepares it once: two statements never share one. */
  readonly name: string;
  readonly text: string;
  /** Its best plan depends on the values, of a label that nothing has above all. Others are planned once. */
  readonly isPlannedByValues?: true;
}

export type ColumnType = "text" | "bigint" | "integer" | "double precision" | "boolean";

export interface Column {
  readonly name: string;
  readonly type: ColumnType;
}

/** Gives the name of a table as statements need it. An underscore keeps it apart from the views, which bear names of resource types. */
export function tableName(schema: string, name: string): string {
  return `${escapeIdentifier(schema)}._${name}`;
}

export function columnsOf(types: Readonly<Record<string, ColumnType>>): Column[] {
  return Object.entries(types).map(([name, type]) => ({ name, type }));
}

export function namesOf(columns: readonly Column[]): string {
  return columns.map(({ name }) => name).join(", ");
}

/** `unnest($1::text[], $2::bigint[], ...)`: rows as one array for each column. */
export function unnested(columns: readonly Column[], first = 1): string {
  return `unnest(${columns.map(({ type }, index) => `$${first + index}::${type}[]`).join(", ")})`;
}

/** Inserts rows, as {@link unnested} takes them. */
export function insertion(table: string, columns: readonly Column[], first = 1): string {
  return `insert into ${table} (${namesOf(columns)}) select * from ${unnested(columns, first)}`;
}

/**
 * The parameters of {@link unnested}: one array, in PostgreSQL's own writing, for each column.
 *
 * @param place names the table in errors
 * @throws RefusedEntry for a value that the column cannot hold
 */
export function arraysOf(place: string, columns: readonly Column[], rows: readonly (readonly unknown[])[]): string[] {
  return columns.map((column, index) =>
    arrayOf(
      `${place}.${column.name}`,
      column.type,
      rows.map((row) => row[index]),
    ),
  );
}

export function arrayOf(place: string, type: ColumnType, values: readonly unknown[]): string {
  let array = "{";
  for (const value of values) {
    const element = elementOf(toStorable(value, place), type, place);
    array += array === "{" ? element : `,${element}`;
  }
  return `${array}}`;
}

function elementOf(value: ColumnValue, type: ColumnType, place: string): string {
  if (value === null) return "NULL";
  if ((typeof value === "string") !== (type === "text")) throw new UnstorableValue(`${place} is a ${typeof value}`);
  return typeof value === "number" ? String(value) : quotedElement(value);
}

/** A text within PostgreSQL's own writing of an array. */
export function quotedElement(value: string): string {
  // Most texts are names, and to look is cheaper than to replace.
  const isPlain = !value.includes('"') && !value.includes("\\");
  return isPlain ? `"${value}"` : `"${value.replaceAll(/["\\]/g, String.raw`\$&`)}"`;
}
