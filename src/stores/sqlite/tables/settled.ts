import type { DatabaseSync } from "node:sqlite";
import type { SettledCount, SettledPoint, SettledCountsQuery } from "../../../core/ports/statistics.ts";
import type { PurgeRequest } from "../../../core/ports/store.ts";
import { SETTLED_COLUMNS, settledPointOf, settledValues } from "../../rows.ts";
import { toStorable } from "../../values.ts";
import { prepareRows } from "../file/statement.ts";

const NAMES = SETTLED_COLUMNS.join(", ");
const KEY = SETTLED_COLUMNS.slice(0, -1).join(", ");

/** Adds a count to the one of the same period. */
export function createSettledWriting(database: DatabaseSync): (count: SettledCount) => void {
  const upsert = database.prepare(
    `insert into settled (${NAMES}) values (${SETTLED_COLUMNS.map(() => "?").join(", ")})
     on conflict (${KEY}) do update set count = count + excluded.count`,
  );
  return (count) => {
    upsert.run(...settledValues(count).map((value, index) => toStorable(value, `settled.${SETTLED_COLUMNS[index]}`)));
  };
}

export type SettledReading = (query: SettledCountsQuery) => readonly SettledPoint[];

export function createSettledReading(database: DatabaseSync): SettledReading {
  const select = prepareRows(
    database,
    `select at / cast(?1 as integer) * cast(?1 as integer), outcome, bucket, sum(count) from settled
     where period_ms = ?2 and at >= ?3 and type in (select value from json_each(?4)) and (?5 is null or kind = ?5)
     group by 1, 2, 3 order by 1, 2, 3`,
  );
  return ({ periodMs, from, types, kind = null, pointMs }) =>
    select.all(pointMs, periodMs, from, JSON.stringify(types), kind).map(settledPointOf);
}

/** Removes the oldest counts, a bounded number for each period length. Returns the number of removed rows. */
export function createSettledPurging(
  database: DatabaseSync,
): (request: Pick<PurgeRequest, "statisticsBefore" | "limit">) => number {
  const remove = database.prepare(
    `delete from settled where (${KEY}) in (
       select ${KEY} from settled where period_ms = ? and at < ? order by ${KEY} limit ?
     )`,
  );
  return ({ statisticsBefore, limit }) =>
    statisticsBefore.reduce(
      (removed, { periodMs, before }) => removed + Number(remove.run(periodMs, before, limit).changes),
      0,
    );
}
