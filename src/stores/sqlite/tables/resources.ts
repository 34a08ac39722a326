import type { DatabaseSync, StatementSync } from "node:sqlite";
import { type Resource, type ResourceKey, resourceKeyText } from "../../../core/resource.ts";
import { COLUMN_LIST, COLUMNS, resourceOf, valuesOf } from "../../resource-row.ts";
import { type ColumnValue, toStorable, number, type RowValues } from "../../values.ts";
import { prepareRows } from "../file/statement.ts";

/** A row within a transaction: read at most once, written at most once. */
export interface SqliteRow {
  /** The SQLite rowid. Also chosen for a row that is not inserted yet, so that its history can reference it. */
  readonly rowId: number;
  resource: Resource | undefined;
  /** The values in the table; undefined if the row is not there. */
  stored: RowValues | undefined;
}

/** The rows that a transaction reads and writes. */
export interface Resources {
  byKey(key: ResourceKey): SqliteRow;
  byOperation(operation: string): SqliteRow | undefined;
  byRow(row: number): SqliteRow | undefined;
  put(row: SqliteRow, resource: Resource): void;
  /** Rows that were put since the last {@link Resources.flush}, by row id. They are not in the table yet. */
  readonly unwritten: ReadonlyMap<number, SqliteRow>;
  /** Writes the rows that were put. */
  flush(): void;
  /** Forgets every row, after a rollback and before rows may be changed outside of this object. */
  forget(): void;
}

/** Names of the columns, for the error of a value that cannot be stored. */
const COLUMN_NAMES = COLUMNS.map((name) => `resources.${name}`);

const SELECT = `select row, ${COLUMN_LIST} from resources where`;

export function createResources(database: DatabaseSync, onPut: (resource: Resource) => void): Resources {
  const selectByKey = prepareRows(database, `${SELECT} type = ? and id = ?`);
  const selectByOperation = prepareRows(database, `${SELECT} operation = ?`);
  const selectByRow = prepareRows(database, `${SELECT} row = ?`);
  const write = createWriting(database);
  let nextRow = number(prepareRows(database, "select coalesce(max(row), 0) + 1 from resources").get()?.[0]);

  const keys = new Map<string, SqliteRow>();
  const operations = new Map<string, SqliteRow>();
  const unwritten = new Map<number, SqliteRow>();

  const cache = (row: SqliteRow, { type, id, operation }: Resource): SqliteRow => {
    keys.set(resourceKeyText({ type, id }), row);
    operations.set(operation.id, row);
    return row;
  };
  const load = ([row, ...stored]: RowValues): SqliteRow => {
    const resource = resourceOf(stored);
    // The row may have been read by another key already, and changed since.
    const known = keys.get(resourceKeyText(resource));
    return known ?? cache({ rowId: number(row), resource, stored }, resource);
  };

  return {
    byKey({ type, id }) {
      const known = keys.get(resourceKeyText({ type, id }));
      if (known !== undefined) return known;
      const values = selectByKey.get(type, id);
      if (values !== undefined) return load(values);
      const row = { rowId: nextRow++, resource: undefined, stored: undefined };
      keys.set(resourceKeyText({ type, id }), row);
      return row;
    },
    byOperation(operation) {
      const known = operations.get(operation);
      if (known !== undefined) return known;
      const values = selectByOperation.get(operation);
      return values === undefined ? undefined : load(values);
    },
    byRow(row) {
      const known = unwritten.get(row);
      if (known !== undefined) return known;
      const values = selectByRow.get(row);
      return values === undefined ? undefined : load(values);
    },
    put(row, resource) {
      row.resource = resource;
      onPut(resource);
      cache(row, resource);
      unwritten.set(row.rowId, row);
    },
    unwritten,
    flush() {
      for (const row of unwritten.values()) write(row);
      unwritten.clear();
    },
    forget() {
      keys.clear();
      operations.clear();
      unwritten.clear();
    },
  };
}

function createWriting(database: DatabaseSync): (row: SqliteRow) => void {
  const insert = database.prepare(
    `insert into resources (row, ${COLUMN_LIST}) values (?, ${COLUMNS.map(() => "?").join(", ")})`,
  );
  const update = createUpdating(database);
  return (row) => {
    const { rowId, resource, stored } = row;
    if (resource === undefined) return;
    const values = valuesOf(resource).map((value, index) => toStorable(value, COLUMN_NAMES[index] ?? ""));
    if (stored === undefined) {
      insert.run(rowId, ...values);
    } else {
      update(rowId, values, stored);
    }
    row.stored = values;
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
