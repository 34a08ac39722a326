import type { DatabaseSync } from "node:sqlite";
import type { StepRecord } from "../../core/resource.ts";
import { errorOf } from "./json-columns.ts";
import { fit, flag, jsonOrNull, number, prepareRows, type RowValues, text, textOrNull } from "./values.ts";

/** What steps came to, by the root of their operation. */
export interface Records {
  record(root: string, step: string): StepRecord | undefined;
  /** In the order in which the steps began. */
  all(root: string): StepRecord[];
  save(root: string, record: StepRecord): void;
  clearFailed(root: string): void;
  /** Nobody can go on with the operation any more. */
  remove(root: string): void;
}

const COLUMNS = ["root", "step", "state", "result", "error", "undo", "position", "generation", "at"];
const SELECT = `select ${COLUMNS.slice(1).join(", ")} from records where root = ?`;

export function createRecordReading(database: DatabaseSync): Records["all"] {
  const select = prepareRows(database, `${SELECT} order by position`);
  return (root) => select.all(root).map(recordOf);
}

export function createRecords(database: DatabaseSync): Records {
  const select = prepareRows(database, `${SELECT} and step = ?`);
  const upsert = database.prepare(
    `insert or replace into records (${COLUMNS.join(", ")}) values (?, ?, ?, ?, ?, ?, ?, ?, ?)`,
  );
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
    save(root, { step, state, result, error, undo, position, generation, at }) {
      const values = [root, step, state, result, jsonOrNull(error), undo ? 1 : 0, position, generation, at];
      upsert.run(...fit(values, (index) => `records.${COLUMNS[index]}`));
    },
    clearFailed(root) {
      removeFailed.run(root);
      reopenFailed.run(root);
    },
    remove(root) {
      remove.run(root);
    },
  };
}

const STATES: ReadonlyMap<unknown, StepRecord["state"]> = new Map(
  (["started", "done", "failed", "undone"] as const).map((state) => [state, state]),
);

function recordOf([step, state, result, error, undo, position, generation, at]: RowValues): StepRecord {
  const known = STATES.get(state);
  if (known === undefined) throw new TypeError(`records.state: ${JSON.stringify(state)} is no state of a step`);
  return {
    step: text(step),
    state: known,
    result: textOrNull(result ?? null),
    error: errorOf(error),
    undo: flag(undo),
    position: number(position),
    generation: number(generation),
    at: number(at),
  };
}
