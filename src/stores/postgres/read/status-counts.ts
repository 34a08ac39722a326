import type { StoreReporting } from "../../../core/ports/reporting.ts";
import { number, text } from "../../values.ts";
import type { Connections } from "../connection/connections.ts";
import { arrayOf, type Statement, tableName } from "../connection/statement.ts";

/** Counts resources by status label, each up to the requested maximum. */
export function createStatusCounting(schema: string, connections: Connections): StoreReporting["statusCounts"] {
  const table = tableName(schema, "resources");
  const all = statementOf("count labels", table, "");
  const owned = statementOf("count labels owned", table, "and owner = $3");
  return async ({ types, owner, max }) => {
    const parameters = [arrayOf("resources.type", "text", types), max];
    const rows = await (owner === undefined
      ? connections.run(all, parameters)
      : connections.run(owned, [...parameters, owner]));
    return rows.map(([type, status, count]) => ({ type: text(type), status: text(status), count: number(count) }));
  };
}

function statementOf(name: string, table: string, owned: string): Statement {
  const among = (type: string): string => `from ${table} where type = ${type} ${owned} and deleted_at is null`;
  return {
    name,
    isPlannedByValues: true,
    // Skips from one label to the next (loose index scan): `select distinct` would read every row.
    text: `with recursive found (type, status) as (
        select t.type, (select min(status) ${among("t.type")}) from pg_catalog.unnest($1::text[]) t (type)
        union all
        select found.type, (select min(status) ${among("found.type")} and status > found.status)
        from found where found.status is not null
      )
      select type, status, (
        select count(*) from (select 1 ${among("found.type")} and status = found.status limit $2) counted
      ) from found where status is not null order by type, status`,
  };
}
