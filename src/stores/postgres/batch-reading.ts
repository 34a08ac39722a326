import { escapeLiteral } from "pg";
import { number, text } from "../values.ts";
import type { Session } from "./connections.ts";
import type { DraftStart } from "./draft.ts";
import { STORED, storedOf } from "./resource-table.ts";
import { arrayOf, arraysOf, columnsOf, namesOf, type Statement, tableName, unnested } from "./statement.ts";
import type { StoreTables } from "./tables.ts";
import type { Wanted } from "./wanted.ts";

const KEY = columnsOf({ type: "text", id: "text" });
const LIMIT = columnsOf({ type: "text", most: "bigint" });

/** Locks the rows of a batch and reads what its changes may ask for, in one round trip. */
export type BatchReading = (session: Session, wanted: Wanted) => Promise<DraftStart>;

export function createBatchReading(schema: string, tables: StoreTables): BatchReading {
  const table = tableName(schema, "resources");
  const lock: Statement = {
    name: "lock resources",
    // Locked in the order of their numbers, so that of two batches neither waits for the other with a row that this one wants. The
    // numbers have to be an array: of a row that changes while it is waited for, PostgreSQL asks anew whether it is wanted, and a
    // join would then miss it.
    text: `select ${STORED} from ${table} where row = any(array(
        select r.row from ${unnested(KEY)} w (${namesOf(KEY)}) join ${table} r on r.type = w.type and r.id = w.id
        union all select r.row from unnest($3::text[]) w (operation) join ${table} r on r.operation = w.operation
      )) order by row for update`,
  };
  const numbers: Statement = {
    name: "number rows",
    text: `select nextval(${escapeLiteral(tableName(schema, "rows"))}) from generate_series(1, $1::integer)`,
  };
  const lockTypes: Statement = {
    name: "lock limited types",
    text: `select pg_advisory_xact_lock(hashtext(${escapeLiteral(table)}), hash)
      from (select distinct hashtext(type) as hash from unnest($1::text[]) type order by hash) hashes`,
  };
  const count: Statement = {
    name: "count in progress",
    text: `select w.type, (select count(*) from (
        select from ${table} r where r.type = w.type and r.reap_at is not null limit w.most
      ) counted) from ${unnested(LIMIT)} w (${namesOf(LIMIT)})`,
  };

  const countInProgress = async (session: Session, { limits, keys }: Wanted): Promise<ReadonlyMap<string, number>> => {
    if (limits.size === 0) return new Map();
    const types = arrayOf("resources.type", "text", [...limits.keys()]);
    // What the batch itself settles makes room: so many more have to be counted.
    const most = [...limits].map(([type, limit]) => [type, limit + keys.length + 1]);
    const [, rows] = await Promise.all([
      session.run(lockTypes, [types]),
      session.run(count, arraysOf("limits", LIMIT, most)),
    ]);
    return new Map(rows.map(([type, inProgress]) => [text(type), number(inProgress)]));
  };

  return async (session, wanted) => {
    const { keys, operations, makes, steps, messages } = wanted;
    const keyArrays = arraysOf(
      "resources",
      KEY,
      keys.map(({ type, id }) => [type, id]),
    );
    const operationArray = arrayOf("resources.operation", "text", operations);
    const [inProgress, rows, freeRows, records, posted, replies] = await Promise.all([
      countInProgress(session, wanted),
      session.run(lock, [...keyArrays, operationArray]),
      makes === 0 ? [] : session.run(numbers, [makes]),
      tables.records.named(session, steps),
      tables.received.named(session, messages),
      tables.replies.read(session, wanted.replies),
    ]);
    return {
      rows: rows.map(storedOf),
      freeRows: freeRows.map(([row]) => number(row)),
      records,
      messages: posted,
      replies,
      inProgress,
    };
  };
}
