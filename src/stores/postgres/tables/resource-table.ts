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
import type { Draft, DraftRow } from "./draft.ts";

const INTEGERS = new Set(["attempt", "failures", "losses", "undo_failures", "received", "undoable", "steps"]);
const BIGINTS = new Set(["claim", "edit", "version", "sequence", "bytes", "failed_bytes"]);

function typeOf(name: string): ColumnType {
  if (name.endsWith("_at") || BIGINTS.has(name)) return "bigint";
  if (INTEGERS.has(name)) return "integer";
  if (name === "progress") return "double precision";
  return name === "isolated" ? "boolean" : "text";
}

const ROW: Column = { name: "row", type: "bigint" };
const ALL: readonly Column[] = COLUMNS.map((name) => ({ name, type: typeOf(name) }));

/** The columns of a row that is made. */
export const MADE: readonly Column[] = [ROW, ...ALL];

/** The long texts stand last, and seldom change: an update that leaves them out leaves them where they are. */
const TEXTS_FROM = COLUMNS.indexOf("configuration");

/** A stored row, as a statement gives it that selects `row` and all columns. */
export function storedOf([row, ...stored]: RowValues): DraftRow & { readonly resource: Resource } {
  return { row: number(row), resource: resourceOf(stored), stored, isChanged: false };
}

/** Selects what {@link storedOf} reads. */
export const STORED = `row, ${COLUMN_LIST}`;

/** Writes the rows that a transaction has locked or made. */
export interface ResourceWriting {
  /** Gives what has to be awaited. */
  write(session: Session, draft: Draft): Promise<unknown>[];
}

export function createResourceWriting(schema: string): ResourceWriting {
  const table = tableName(schema, "resources");
  const insert: Statement = {
    name: "insert resources",
    text: insertion(table, MADE),
  };
  const updateAll = createUpdate("update resources", table, ALL.length);
  const updateShort = createUpdate("update resources but texts", table, TEXTS_FROM);

  return {
    write(session, { resources }) {
      let isMaking = false;
      const changed: ColumnValue[][] = [];
      const changedShort: ColumnValue[][] = [];
      for (const { row, resource, stored, isChanged } of resources.rows()) {
        if (!isChanged || resource === undefined) continue;
        if (stored === undefined) {
          isMaking = true;
          continue;
        }
        const values = valuesOf(resource);
        const first = values.findIndex((value, index) => index >= TEXTS_FROM && value !== stored[index]);
        if (first === -1) changedShort.push([row, ...values.slice(0, TEXTS_FROM)]);
        else changed.push([row, ...values]);
      }
      return [
        ...(changedShort.length === 0 ? [] : [updateShort(session, changedShort)]),
        ...(changed.length === 0 ? [] : [updateAll(session, changed)]),
        ...(isMaking ? [session.run(insert, madeArrays(resources))] : []),
      ];
    },
  };
}

/** The rows that are made, in columns as {@link MADE} says. */
export function madeArrays(resources: Draft["resources"]): string[] {
  const made: (readonly ColumnValue[])[] = [];
  for (const { row, resource, stored } of resources.rows()) {
    if (stored === undefined && resource !== undefined) made.push([row, ...valuesOf(resource)]);
  }
  return arraysOf("resources", MADE, inOrderOfKeys(made));
}

type Update = (session: Session, rows: readonly (readonly ColumnValue[])[]) => Promise<unknown>;

function createUpdate(name: string, table: string, end: number): Update {
  const columns = [ROW, ...ALL.slice(0, end)];
  const sets = columns.slice(1).map((column) => `${column.name} = v.${column.name}`);
  const statement: Statement = {
    name,
    text: `update ${table} r set ${sets.join(", ")} from ${unnested(columns)} v (${namesOf(columns)}) where r.row = v.row`,
  };
  return (session, rows) => session.run(statement, arraysOf("resources", columns, rows));
}

/** The same order on every node: whoever makes the first of some rows that two make at once is not waited for with the second. */
function inOrderOfKeys(rows: readonly (readonly ColumnValue[])[]): (readonly ColumnValue[])[] {
  return rows.toSorted((a, b) => compared(a[1], b[1]) || compared(a[2], b[2]));
}

function compared(a: ColumnValue | undefined, b: ColumnValue | undefined): number {
  const [left, right] = [String(a), String(b)];
  if (left === right) return 0;
  return left < right ? -1 : 1;
}
