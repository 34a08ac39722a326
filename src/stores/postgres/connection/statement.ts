import { escapeIdentifier } from "pg";
import { type ColumnValue, toStorable, UnstorableValue } from "../../values.ts";

export interface Statement {
  /** Unique name, under which a connection prepares the statement once. */
  readonly name: string;
  readonly text: string;
  /**
   * True if the best plan depends on the values, for example a label that no row has. Other statements are planned
   * once.
   */
  readonly isPlannedByValues?: true;
}

export type ColumnType = "text" | "bigint" | "integer" | "double precision" | "boolean";

export interface Column {
  readonly name: string;
  readonly type: ColumnType;
}

/**
 * Returns the quoted name of a table. The underscore separates tables from views, which are named like resource types.
 */
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
  return unnest(columns.map(({ type }, index) => `$${first + index}::${type}[]`));
}

/**
 * Returns a call of `unnest`. PostgreSQL reads several arrays without a look at the schemas of `search_path`; for one
 * array, a function of the same name there would be called instead.
 */
export function unnest(arrays: readonly string[]): string {
  return `${arrays.length === 1 ? "pg_catalog." : ""}unnest(${arrays.join(", ")})`;
}

/** Returns an insert statement with the parameters of {@link unnested}. */
export function insertion(table: string, columns: readonly Column[], first = 1): string {
  return `insert into ${table} (${namesOf(columns)}) select * from ${unnested(columns, first)}`;
}

/**
 * Returns the parameters of {@link unnested}: one PostgreSQL array literal for each column.
 *
 * @param table the name of the table, for errors
 * @throws UnstorableValue for a value that the column cannot hold
 */
export function arraysOf(table: string, columns: readonly Column[], rows: readonly (readonly unknown[])[]): string[] {
  return columns.map((column, index) =>
    arrayOf(
      `${table}.${column.name}`,
      column.type,
      rows.map((row) => row[index]),
    ),
  );
}

export function arrayOf(column: string, type: ColumnType, values: readonly unknown[]): string {
  let array = "{";
  for (const value of values) {
    const element = elementOf(toStorable(value, column), type, column);
    array += array === "{" ? element : `,${element}`;
  }
  return `${array}}`;
}

function elementOf(value: ColumnValue, type: ColumnType, column: string): string {
  if (value === null) return "NULL";
  if ((typeof value === "string") !== (type === "text")) throw new UnstorableValue(`${column} is a ${typeof value}`);
  return typeof value === "number" ? String(value) : quotedElement(value);
}

/** Quotes a text as an element of a PostgreSQL array literal. */
export function quotedElement(value: string): string {
  // Most texts are names without special characters, and checking is cheaper than replacing.
  const isPlain = !value.includes('"') && !value.includes("\\");
  return isPlain ? `"${value}"` : `"${value.replaceAll(/["\\]/g, String.raw`\$&`)}"`;
}

/** The instant of the database's clock, in milliseconds. */
export const NOW = "(extract(epoch from clock_timestamp()) * 1000.0)::bigint";

export const SELECT_NOW: Statement = { name: "select now", text: `select ${NOW}` };
