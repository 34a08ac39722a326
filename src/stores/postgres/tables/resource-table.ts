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

/** The columns of an inserted row. */
export const INSERTED_COLUMNS: readonly Column[] = [ROW, ...COLUMNS_WITHOUT_ROW];

/**
 * Index of the first long text. These are last and seldom change; an update without them leaves them where they are.
 */
const FIRST_TEXT_INDEX = COLUMNS.indexOf("configuration");

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
  const insert: Statement = {
    name: "insert resources",
    text: insertion(table, INSERTED_COLUMNS),
  };
  const updateAll = createUpdate("update resources", table, COLUMNS_WITHOUT_ROW.length);
  const updateShort = createUpdate("update resources but texts", table, FIRST_TEXT_INDEX);

  return {
    write(session, { resources }) {
      let isInserting = false;
      const changed: ColumnValue[][] = [];
      const changedShort: ColumnValue[][] = [];
      for (const { rowId, resource, stored, isChanged } of resources.rows()) {
        if (!isChanged || resource === undefined) continue;
        if (stored === undefined) {
          isInserting = true;
          continue;
        }
        const values = valuesOf(resource);
        const first = values.findIndex((value, index) => index >= FIRST_TEXT_INDEX && value !== stored[index]);
        if (first === -1) changedShort.push([rowId, ...values.slice(0, FIRST_TEXT_INDEX)]);
        else changed.push([rowId, ...values]);
      }
      return [
        ...(changedShort.length === 0 ? [] : [updateShort(session, changedShort)]),
        ...(changed.length === 0 ? [] : [updateAll(session, changed)]),
        ...(isInserting ? [session.run(insert, insertedArrays(resources))] : []),
      ];
    },
  };
}

/** Returns the inserted rows as one array for each of {@link INSERTED_COLUMNS}. */
export function insertedArrays(resources: UnitOfWork["resources"]): string[] {
  const inserted: (readonly ColumnValue[])[] = [];
  for (const { rowId, resource, stored } of resources.rows()) {
    if (stored === undefined && resource !== undefined) inserted.push([rowId, ...valuesOf(resource)]);
  }
  return arraysOf("resources", INSERTED_COLUMNS, inKeyOrder(inserted));
}

type Update = (session: Session, rows: readonly (readonly ColumnValue[])[]) => Promise<unknown>;

function createUpdate(name: string, table: string, end: number): Update {
  const columns = [ROW, ...COLUMNS_WITHOUT_ROW.slice(0, end)];
  const sets = columns.slice(1).map((column) => `${column.name} = v.${column.name}`);
  const statement: Statement = {
    name,
    text: `update ${table} r set ${sets.join(", ")} from ${unnested(columns)} v (${namesOf(columns)}) where r.row = v.row`,
  };
  return (session, rows) => session.run(statement, arraysOf("resources", columns, rows));
}

/** Sorts rows by key, so that all nodes insert the same rows in the same order and never deadlock. */
function inKeyOrder(rows: readonly (readonly ColumnValue[])[]): (readonly ColumnValue[])[] {
  return rows.toSorted((a, b) => compareText(a[1], b[1]) || compareText(a[2], b[2]));
}

function compareText(a: ColumnValue | undefined, b: ColumnValue | undefined): number {
  const [left, right] = [String(a), String(b)];
  if (left === right) return 0;
  return left < right ? -1 : 1;
}
