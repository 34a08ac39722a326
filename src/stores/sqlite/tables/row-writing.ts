import type { DatabaseSync, StatementSync } from "node:sqlite";
import type { Policies } from "../../../core/policy.ts";
import type { Resource } from "../../../core/resource.ts";
import { ENTRY_COLUMNS, type EntryChange, entryChange } from "../../list-entries.ts";
import { COLUMN_LIST, COLUMNS, valuesOf } from "../../resource-row.ts";
import { type ColumnValue, type RowValues, toStorable } from "../../values.ts";
import { prepareInsert } from "../file/statement.ts";

/** Names of the columns, for the error of a value that cannot be stored. */
const COLUMN_NAMES = COLUMNS.map((name) => `resources.${name}`);

/** Writes a row of a transaction, and its list entries. */
export type RowWriting = (row: WritableRow) => void;

/** A row to write. */
interface WritableRow {
  readonly rowId: number;
  readonly resource: Resource | undefined;
  /** The values in the table; undefined if the row is not there. */
  stored: RowValues | undefined;
}

export function createRowWriting(database: DatabaseSync, policies: Policies): RowWriting {
  const insert = database.prepare(
    `insert into resources (row, ${COLUMN_LIST}) values (?, ${COLUMNS.map(() => "?").join(", ")})`,
  );
  const update = createUpdating(database);
  const writeEntries = createEntryWriting(database);
  return (row) => {
    const { rowId, resource, stored } = row;
    if (resource === undefined) return;
    const values = valuesOf(resource).map((value, index) => toStorable(value, COLUMN_NAMES[index] ?? ""));
    if (stored === undefined) {
      insert.run(rowId, ...values);
    } else {
      update(rowId, values, stored);
    }
    const entries = entryChange(rowId, resource, stored, policies.get(resource.type));
    if (entries !== undefined) writeEntries(rowId, entries);
    row.stored = values;
  };
}

/** Replaces entries of a row in the lists by metadata and by change. */
function createEntryWriting(database: DatabaseSync): (row: number, change: EntryChange) => void {
  const remove = database.prepare("delete from list_entries where resource = ?");
  const removeChange = database.prepare("delete from list_entries where resource = ? and name = ''");
  const insert = prepareInsert(database, "list_entries", ENTRY_COLUMNS);
  return (row, { isWhole, entries }) => {
    (isWhole ? remove : removeChange).run(row);
    for (const entry of entries) insert(...entry);
  };
}

/**
 * Maximum number of cached statements: one for each set of columns that changes together. There are a few dozen such
 * sets.
 */
const MAX_STATEMENTS = 256;

/** Updates only the columns that changed: SQLite rewrites the index entries of every column that is set. */
function createUpdating(
  database: DatabaseSync,
): (row: number, values: readonly ColumnValue[], stored: RowValues) => void {
  const statements = new Map<string, StatementSync>();
  const prepared = (columns: readonly number[]): StatementSync => {
    const name = columns.join(",");
    const known = statements.get(name);
    if (known !== undefined) return known;
    if (statements.size >= MAX_STATEMENTS) statements.clear();
    const set = columns.map((column) => `${COLUMNS[column]} = ?`).join(", ");
    const statement = database.prepare(`update resources set ${set} where row = ?`);
    statements.set(name, statement);
    return statement;
  };
  return (row, values, stored) => {
    const columns: number[] = [];
    const changed: ColumnValue[] = [];
    for (const [column, value] of values.entries()) {
      if (value === stored[column]) continue;
      columns.push(column);
      changed.push(value);
    }
    if (columns.length > 0) prepared(columns).run(...changed, row);
  };
}
