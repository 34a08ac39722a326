import type { DatabaseSync, StatementSync } from "node:sqlite";
import type { Resource, ResourceKey } from "../../core/resource.ts";
import { COLUMN_LIST, COLUMNS, FREE_FROM, HOLDING_FROM, LABEL_FROM, resourceOf, valuesOf } from "../resource-row.ts";
import { fitting, number, type RowValues } from "../values.ts";
import { prepareInsert, prepareRows } from "./statement.ts";

/** A row within a transaction: read at most once, written at most once. */
export interface Slot {
  /** The rowid; chosen here also for a row that is not written yet, so that its history may name it. */
  readonly row: number;
  resource: Resource | undefined;
  /** As the table has it; undefined where the row is not there. */
  stored: RowValues | undefined;
  changed: boolean;
}

/** The rows that a transaction touches. */
export interface Resources {
  byKey(key: ResourceKey): Slot;
  byOperation(operation: string): Slot | undefined;
  byRow(row: number): Slot | undefined;
  put(slot: Slot, resource: Resource): void;
  /** Writes what was put. */
  flush(): void;
  /** Forgets every slot: before the rows may change by other hands, or were rolled back. */
  forget(): void;
}

const SELECT = `select row, ${COLUMN_LIST} from resources where`;

function updateFrom(column: number): string {
  return `update resources set ${COLUMNS.slice(column)
    .map((name) => `${name} = ?`)
    .join(", ")} where row = ?`;
}

export function createResources(database: DatabaseSync, onPut: (resource: Resource) => void): Resources {
  const selectByKey = prepareRows(database, `${SELECT} type = ? and id = ?`);
  const selectByOperation = prepareRows(database, `${SELECT} operation = ?`);
  const selectByRow = prepareRows(database, `${SELECT} row = ?`);
  const write = createWriting(database);
  let nextRow = number(prepareRows(database, "select coalesce(max(row), 0) + 1 from resources").get()?.[0]);

  const keys = new Map<string, Slot>();
  const operations = new Map<string, Slot>();
  const changed: Slot[] = [];

  const remember = (slot: Slot, { type, id, operation }: Resource): Slot => {
    keys.set(keyOf(type, id), slot);
    operations.set(operation.id, slot);
    return slot;
  };
  const load = ([row, ...stored]: RowValues): Slot => {
    const resource = resourceOf(stored);
    // Under another name it may be here already, and changed.
    const known = keys.get(keyOf(resource.type, resource.id));
    return known ?? remember({ row: number(row), resource, stored, changed: false }, resource);
  };

  return {
    byKey({ type, id }) {
      const known = keys.get(keyOf(type, id));
      if (known !== undefined) return known;
      const values = selectByKey.get(type, id);
      if (values !== undefined) return load(values);
      const slot = { row: nextRow++, resource: undefined, stored: undefined, changed: false };
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
      const values = selectByRow.get(row);
      return values === undefined ? undefined : load(values);
    },
    put(slot, resource) {
      slot.resource = resource;
      onPut(resource);
      remember(slot, resource);
      if (slot.changed) return;
      slot.changed = true;
      changed.push(slot);
    },
    flush() {
      for (const slot of changed) write(slot);
      changed.length = 0;
    },
    forget() {
      keys.clear();
      operations.clear();
      changed.length = 0;
    },
  };
}

function keyOf(type: string, id: string): string {
  return `${type}\0${id}`;
}

/** Updates leave out the columns of indexes that stay as they are: SQLite writes an index anew for every column that is set. */
function createWriting(database: DatabaseSync): (slot: Slot) => void {
  const insert = prepareInsert(database, "resources", ["row", ...COLUMNS]);
  const updates: readonly (readonly [from: number, statement: StatementSync])[] = [
    0,
    LABEL_FROM,
    HOLDING_FROM,
    FREE_FROM,
  ].map((from) => [from, database.prepare(updateFrom(from))]);
  return (slot) => {
    const { row, resource, stored } = slot;
    slot.changed = false;
    if (resource === undefined) return;
    const values = valuesOf(resource).map((value, index) => fitting(value, `resources.${COLUMNS[index]}`));
    if (stored === undefined) {
      insert(row, ...values);
    } else {
      const first = values.findIndex((value, index) => value !== stored[index]);
      const [from, statement] = updates.findLast(([column]) => column <= first) ?? [];
      if (from !== undefined) statement?.run(...values.slice(from), row);
    }
    slot.stored = values;
  };
}
