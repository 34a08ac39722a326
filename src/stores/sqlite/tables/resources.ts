import type { DatabaseSync, StatementSync } from "node:sqlite";
import type { Resource, ResourceKey } from "../../../core/resource.ts";
import { COLUMN_LIST, COLUMNS, resourceOf, valuesOf } from "../../resource-row.ts";
import { type ColumnValue, fitting, number, type RowValues } from "../../values.ts";
import { prepareRows } from "../file/statement.ts";

/** A row within a transaction: read at most once, written at most once. */
export interface Slot {
  /** The rowid; chosen here also for a row that is not written yet, so that its history may name it. */
  readonly row: number;
  resource: Resource | undefined;
  /** As the table has it; undefined where the row is not there. */
  stored: RowValues | undefined;
}

/** The rows that a transaction touches. */
export interface Resources {
  byKey(key: ResourceKey): Slot;
  byOperation(operation: string): Slot | undefined;
  byRow(row: number): Slot | undefined;
  put(slot: Slot, resource: Resource): void;
  /** What was put since the last {@link Resources.flush}, by row: the table knows nothing of it yet. */
  readonly unwritten: ReadonlyMap<number, Slot>;
  /** Writes what was put. */
  flush(): void;
  /** Forgets every slot: before the rows may change by other hands, or were rolled back. */
  forget(): void;
}

/** How the columns are named where a value is refused. */
const PLACES = COLUMNS.map((name) => `resources.${name}`);

const SELECT = `select row, ${COLUMN_LIST} from resources where`;

export function createResources(database: DatabaseSync, onPut: (resource: Resource) => void): Resources {
  const selectByKey = prepareRows(database, `${SELECT} type = ? and id = ?`);
  const selectByOperation = prepareRows(database, `${SELECT} operation = ?`);
  const selectByRow = prepareRows(database, `${SELECT} row = ?`);
  const write = createWriting(database);
  let nextRow = number(prepareRows(database, "select coalesce(max(row), 0) + 1 from resources").get()?.[0]);

  const keys = new Map<string, Slot>();
  const operations = new Map<string, Slot>();
  const unwritten = new Map<number, Slot>();

  const remember = (slot: Slot, { type, id, operation }: Resource): Slot => {
    keys.set(keyOf(type, id), slot);
    operations.set(operation.id, slot);
    return slot;
  };
  const load = ([row, ...stored]: RowValues): Slot => {
    const resource = resourceOf(stored);
    // Under another name it may be here already, and changed.
    const known = keys.get(keyOf(resource.type, resource.id));
    return known ?? remember({ row: number(row), resource, stored }, resource);
  };

  return {
    byKey({ type, id }) {
      const known = keys.get(keyOf(type, id));
      if (known !== undefined) return known;
      const values = selectByKey.get(type, id);
      if (values !== undefined) return load(values);
      const slot = { row: nextRow++, resource: undefined, stored: undefined };
      keys.set(keyOf(type, id), slot);
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
      remember(slot, resource);
      unwritten.set(slot.row, slot);
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

function keyOf(type: string, id: string): string {
  return `${type}\0${id}`;
}

function createWriting(database: DatabaseSync): (slot: Slot) => void {
  const insert = database.prepare(
    `insert into resources (row, ${COLUMN_LIST}) values (?, ${COLUMNS.map(() => "?").join(", ")})`,
  );
  const updates = createUpdating(database);
  return (slot) => {
    const { row, resource, stored } = slot;
    if (resource === undefined) return;
    const values = valuesOf(resource).map((value, index) => fitting(value, PLACES[index] ?? ""));
    if (stored === undefined) {
      insert.run(row, ...values);
    } else {
      updates(row, values, stored);
    }
    slot.stored = values;
  };
}

/** How many statements are kept: one for each set of columns that changes together, of which there are few dozens. */
const MOST_STATEMENTS = 256;

/** Updates set what changed and nothing else: SQLite writes an index anew for every column that is set. */
function createUpdating(
  database: DatabaseSync,
): (row: number, values: readonly ColumnValue[], stored: RowValues) => void {
  const statements = new Map<string, StatementSync>();
  const prepared = (columns: readonly number[]): StatementSync => {
    const name = columns.join(",");
    const known = statements.get(name);
    if (known !== undefined) return known;
    if (statements.size >= MOST_STATEMENTS) statements.clear();
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
