import type { DatabaseSync } from "node:sqlite";
import type { StepRecord } from "../../../core/resource.ts";
import { RECORD_COLUMNS, recordOf, recordValues } from "../../rows.ts";
import { prepareInsert, prepareRows } from "../file/statement.ts";

/** Step records, by the root of their operation. */
export interface Records {
  record(root: string, step: string): StepRecord | undefined;
  /** Reads all records of a root, in the order in which the steps began. */
  all(root: string): StepRecord[];
  save(root: string, record: StepRecord): void;
  clearFailed(root: string): void;
  /** Removes the records once no retry can continue the operation. */
  remove(root: string): void;
}

const SELECT = `select ${RECORD_COLUMNS.join(", ")} from records where root = ?`;

export function createRecordReading(database: DatabaseSync): Records["all"] {
  const select = prepareRows(database, `${SELECT} order by position`);
  return (root) => select.all(root).map(recordOf);
}

export function createRecords(database: DatabaseSync): Records {
  const select = prepareRows(database, `${SELECT} and step = ?`);
  const upsert = prepareInsert(database, "records", ["root", ...RECORD_COLUMNS], "insert or replace");
  const removeFailed = database.prepare("delete from records where root = ? and state = 'failed' and undo = 0");
  const reopenFailed = database.prepare(
    "update records set state = 'started', result = null, error = null where root = ? and state = 'failed' and undo = 1",
  );
  const remove = database.prepare("delete from records where root = ?");
  return {
    record(root, step) {
      const row = select.get(root, step);
      return row === undefined ? undefined : recordOf(row);
    },
    all: createRecordReading(database),
    save: (root, record) => upsert(root, ...recordValues(record)),
    clearFailed(root) {
      removeFailed.run(root);
      reopenFailed.run(root);
    },
    remove(root) {
      remove.run(root);
    },
  };
}
