import type { Resource } from "../../../core/resource.ts";
import { COLUMN_LIST, COLUMNS, resourceOf, valuesOf } from "../../resource-row.ts";
import { type ColumnValue, number, type RowValues } from "../../values.ts";
import type { Session } from "../connection/connections.ts";
import {
  arraysOf,
  type Column,
  type ColumnType,
  insertion,
  namesOf,
  type Statement,
  tableName,
  unnested,
} from "../connection/statement.ts";
import type { UnitOfWork, UnitOfWorkRow } from "./unit-of-work.ts";

const INTEGERS = new Set([
  "attempt",
  "failures",
  "lost_workers",
  "undo_failures",
  "received_count",
  "undoable",
  "steps",
]);
const BIGINTS = new Set(["claim", "edit", "version", "sequence", "bytes", "failed_bytes"]);

function typeOf(name: string): ColumnType {
  if (name.endsWith("_at") || BIGINTS.has(name)) return "bigint";
  if (INTEGERS.has(name)) return "integer";
  if (name === "progress") return "double precision";
  return name === "isolated" ? "boolean" : "text";
}

const ROW: Column = { name: "row", type: "bigint" };
const COLUMNS_WITHOUT_ROW: readonly Column[] = COLUMNS.map((name) => ({ name, type: typeOf(name) }));

const ALL_INDEXES: readonly number[] = COLUMNS.map((_, index) => index);

/** Converts a row with the columns of {@link STORED_COLUMNS}. */
export function storedOf([row, ...stored]: RowValues): UnitOfWorkRow & { readonly resource: Resource } {
  return { rowId: number(row), resource: resourceOf(stored), stored, isChanged: false };
}

/** The columns that {@link storedOf} reads. */
export const STORED_COLUMNS = `row, ${COLUMN_LIST}`;

/** Writes the rows that a transaction has changed or inserts. */
export interface ResourceWriting {
  /** Returns the promises to await. */
  write(session: Session, unitOfWork: UnitOfWork): Promise<unknown>[];
}

export function createResourceWriting(schema: string): ResourceWriting {
  const table = tableName(schema, "resources");
  const inserts = new StatementsByColumns("insert resources", (columns) => insertion(table, columns));
  const updates = new StatementsByColumns("update resources", (columns) => updateText(table, columns));

  return {
    write(session, { resources }) {
      const changed: ChangedRow[] = [];
      for (const { rowId, resource, stored, isChanged } of resources.rows()) {
        if (!isChanged || resource === undefined || stored === undefined) continue;
        changed.push({ rowId, values: valuesOf(resource), stored });
      }
      const written: (readonly [Statement, readonly string[]])[] = [];
      const indexes = changedIndexes(changed);
      if (indexes.length > 0) written.push(updates.write(indexes, changed));
      const inserted = insertedRows(resources);
      if (inserted.length > 0) written.push(inserts.write(setIndexes(inserted), inserted));
      return written.map((each) => session.run(...each));
    },
  };
}

/** Values of a row to write. */
interface WrittenRow {
  readonly rowId: number;
  /** In the order of {@link COLUMNS}. */
  readonly values: readonly ColumnValue[];
}

/** Returns the rows to insert, by key, so that all nodes insert the same rows in the same order and never deadlock. */
export function insertedRows(resources: UnitOfWork["resources"]): readonly WrittenRow[] {
  const inserted: WrittenRow[] = [];
  for (const { rowId, resource, stored } of resources.rows()) {
    if (stored === undefined && resource !== undefined) inserted.push({ rowId, values: valuesOf(resource) });
  }
  return inserted.toSorted((a, b) => compareText(a.values[0], b.values[0]) || compareText(a.values[1], b.values[1]));
}

/** Returns the indexes of the columns that one of these rows sets. The others are null, which is their default. */
export function setIndexes(rows: readonly WrittenRow[]): readonly number[] {
  return ALL_INDEXES.filter((index) => rows.some(({ values }) => values[index] !== null));
}

/** Maximum number of statements of each kind that a connection prepares. Further ones write all columns. */
const MAX_STATEMENTS = 32;

/**
 * Statements by the columns that they write, after `row`. A settle changes a quarter of all columns, and each column
 * takes time: an array to build, to send and to parse.
 */
export class StatementsByColumns {
  readonly #name: string;
  readonly #textOf: (columns: readonly Column[]) => string;
  readonly #statements = new Map<string, ColumnStatement>();
  #all: ColumnStatement | undefined;

  constructor(name: string, textOf: (columns: readonly Column[]) => string) {
    this.#name = name;
    this.#textOf = textOf;
  }

  /** Returns the statement that writes these columns, and its parameters. @throws UnstorableValue */
  write(indexes: readonly number[], rows: readonly WrittenRow[]): readonly [Statement, string[]] {
    const { statement, columns, indexes: written } = this.#of(indexes);
    const values = rows.map((row) => [row.rowId, ...written.map((index) => row.values[index])]);
    return [statement, arraysOf("resources", columns, values)];
  }

  #of(indexes: readonly number[]): ColumnStatement {
    const key = indexes.join(" ");
    const known = this.#statements.get(key);
    if (known !== undefined) return known;
    if (this.#statements.size >= MAX_STATEMENTS) return (this.#all ??= this.#create(ALL_INDEXES));
    const created = this.#create(indexes);
    this.#statements.set(key, created);
    return created;
  }

  #create(indexes: readonly number[]): ColumnStatement {
    // Several stores may share a connection of the application, so the name depends on the columns alone.
    const suffix = indexes.reduce((set, index) => set | (1n << BigInt(index)), 0n).toString(36);
    const columns = [ROW, ...indexes.flatMap((index) => COLUMNS_WITHOUT_ROW[index] ?? [])];
    return { statement: { name: `${this.#name} ${suffix}`, text: this.#textOf(columns) }, columns, indexes };
  }
}

interface ColumnStatement {
  readonly statement: Statement;
  readonly columns: readonly Column[];
  readonly indexes: readonly number[];
}

interface ChangedRow extends WrittenRow {
  readonly stored: RowValues;
}

/** Returns the indexes of the columns that have changed in one of these rows. */
function changedIndexes(rows: readonly ChangedRow[]): readonly number[] {
  return ALL_INDEXES.filter((index) => rows.some(({ values, stored }) => !isSame(values[index], stored[index])));
}

/** True if a value is stored already. Booleans are written as numbers. */
function isSame(value: ColumnValue | undefined, stored: unknown): boolean {
  return value === stored || (typeof stored === "boolean" && value === Number(stored));
}

function updateText(table: string, columns: readonly Column[]): string {
  const sets = columns.slice(1).map(({ name }) => `${name} = v.${name}`);
  return `update ${table} r set ${sets.join(", ")} from ${unnested(columns)} v (${namesOf(columns)}) where r.row = v.row`;
}

function compareText(a: ColumnValue | undefined, b: ColumnValue | undefined): number {
  const [left, right] = [String(a), String(b)];
  if (left === right) return 0;
  return left < right ? -1 : 1;
}
