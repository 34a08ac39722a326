import type { DatabaseSync, StatementSync } from "node:sqlite";
import { type Resource, type ResourceKey, resourceKeyText } from "../../../core/resource.ts";
import { COLUMN_LIST, COLUMNS, resourceOf, valuesOf } from "../../resource-row.ts";
import { type ColumnValue, toStorable, number, type RowValues } from "../../values.ts";
import { prepareRows } from "../file/statement.ts";

/** A row within a transaction: read at most once, written at most once. */
export interface SqliteRow {
  /** The rowid; chosen here also for a row that is not written yet, so that its history may name it. */
  readonly rowId: number;
  resource: Resource | undefined;
  /** As the table has it; undefined where the row is not there. */
  stored: RowValues | undefined;
}

/** The rows that a transaction touches. */
export interface Resources {
  byKey(key: ResourceKey): SqliteRow;
  byOperation(operation: string): SqliteRow | undefined;
  byRow(row: number): SqliteRow | undefined;
  put(slot: SqliteRow, resource: Resource): void;
  /** What was put since the last {@link Resources.flush}, by row: the table knows nothing of it yet. */
  readonly unwritten: ReadonlyMap<number, SqliteRow>;
  /** Writes what was put. */
  flush(): void;
  /** Forgets every slot: before the rows may change by other hands, or were rolled back. */
  forget(): void;
}

/** How the columns are named where a value is refused. */
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

  const cache = (slot: SqliteRow, { type, id, operation }: Resource): SqliteRow => {
    keys.set(resourceKeyText({ type, id }), slot);
    operations.set(operation.id, slot);
    return slot;
  };
  const load = ([row, ...stored]: RowValues): SqliteRow => {
    const resource = resourceOf(stored);
    // Under another name it may be here already, and changed.
    const known = keys.get(resourceKeyText(resource));
    return known ?? cache({ rowId: number(row), resource, stored }, resource);
  };

  return {
    byKey({ type, id }) {
      const known = keys.get(resourceKeyText({ type, id }));
      if (known !== undefined) return known;
      const values = selectByKey.get(type, id);
      if (values !== undefined) return load(values);
      const slot = { rowId: nextRow++, resource: undefined, stored: undefined };
      keys.set(resourceKeyText({ type, id }), slot);
      return slot;
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
    put(slot, resource) {
      slot.resource = resource;
      onPut(resource);
      cache(slot, resource);
      unwritten.set(slot.rowId, slot);
    },
    unwritten,
    flush() {
      for (const slot of unwritten.values()) write(slot);
      unwritten.clear();
    },
    forget() {
      keys.clear();
      operations.clear();
      unwritten.clear();
    },
  };
}

function createWriting(database: DatabaseSync): (slot: SqliteRow) => void {
  const insert = database.prepare(
    `insert into resources (row, ${COLUMN_LIST}) values (?, ${COLUMNS.map(() => "?").join(", ")})`,
  );
  const updates = createUpdating(database);
  return (slot) => {
    const { rowId: row, resource, stored } = slot;
    if (resource === undefined) return;
    const values = valuesOf(resource).map((value, index) => toStorable(value, COLUMN_NAMES[index] ?? ""));
    if (stored === undefined) {
      insert.run(row, ...values);
    } else {
      updates(row, values, stored);
    }
    slot.stored = values;
  };
}

/** How many statements are kept: one for each set of columns that changes together, of which there are few dozens. */
const MAX_STATEMENTS = 256;

/** Updates set what changed and nothing else: SQLite writes an index anew for every column that is set. */
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
