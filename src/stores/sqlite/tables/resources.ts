import type { DatabaseSync } from "node:sqlite";
import { type Resource, type ResourceKey, resourceKeyText } from "../../../core/resource.ts";
import { COLUMN_LIST, resourceOf } from "../../resource-row.ts";
import { number, type RowValues } from "../../values.ts";
import { prepareRows } from "../file/statement.ts";
import type { RowWriting } from "./row-writing.ts";

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

const SELECT = `select row, ${COLUMN_LIST} from resources where`;

/** Called with every row that is put. */
type OnPut = (resource: Resource) => void;

export function createResources(database: DatabaseSync, onPut: OnPut, write: RowWriting): Resources {
  const selectByKey = prepareRows(database, `${SELECT} type = ? and id = ?`);
  const selectByOperation = prepareRows(database, `${SELECT} operation = ?`);
  const selectByRow = prepareRows(database, `${SELECT} row = ?`);
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
