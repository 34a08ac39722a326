import type { DatabaseSync, SQLInputValue } from "node:sqlite";
import type { StatusCount, StoreReporting } from "../../../core/ports/reporting.ts";
import { number, text } from "../../values.ts";
import { prepareRows } from "../file/statement.ts";

/** Counts resources by status label, each up to the requested maximum. */
export type StatusCounting = (query: Parameters<StoreReporting["statusCounts"]>[0]) => readonly StatusCount[];

export function createStatusCounting(database: DatabaseSync): StatusCounting {
  const all = statementsOf(database, "type = ?");
  const owned = statementsOf(database, "type = ? and owner = ?");
  return ({ types, owner, max }) => {
    const { labels, count } = owner === undefined ? all : owned;
    return types.flatMap((type) => {
      const scope: readonly SQLInputValue[] = owner === undefined ? [type] : [type, owner];
      return labels.all(...scope, ...scope).map(([label]) => {
        const status = text(label);
        return { type, status, count: number(count.get(...scope, status, max)?.[0]) };
      });
    });
  };
}

function statementsOf(database: DatabaseSync, scope: string) {
  const among = `from resources where ${scope} and deleted_at is null`;
  return {
    // Skips from one label to the next (loose index scan): `select distinct` would read every row.
    labels: prepareRows(
      database,
      `with recursive found (status) as (
        select min(status) ${among}
        union all
        select (select min(status) ${among} and status > found.status) from found where found.status is not null
      ) select status from found where status is not null`,
    ),
    count: prepareRows(database, `select count(*) from (select 1 ${among} and status = ? limit ?)`),
  };
}
