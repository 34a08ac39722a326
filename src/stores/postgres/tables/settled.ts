import { escapeLiteral } from "pg";
import type { StoreReporting } from "../../../core/ports/reporting.ts";
import type { SettledCount } from "../../../core/ports/statistics.ts";
import { type SETTLED_COLUMNS, settledPointOf, settledValues } from "../../rows.ts";
import type { Connections } from "../connection/connections.ts";
import {
  arrayOf,
  arraysOf,
  columnsOf,
  type ColumnType,
  namesOf,
  type Statement,
  tableName,
  unnested,
} from "../connection/statement.ts";

const COLUMNS = columnsOf({
  period_ms: "bigint",
  at: "bigint",
  type: "text",
  kind: "text",
  outcome: "text",
  bucket: "integer",
  count: "bigint",
} satisfies Record<(typeof SETTLED_COLUMNS)[number], ColumnType>);
const KEY = namesOf(COLUMNS.slice(0, -1));

/** Returns the statement that removes the oldest counts of one period length, up to a limit. */
export function settledPurge(table: string): Statement {
  return {
    name: "purge settled",
    text: `with old as (
        select ctid from ${table} where period_ms = $1 and at < $2 order by at limit $3 for update skip locked
      ), removed as (
        delete from ${table} where ctid = any(array(select ctid from old)) returning 1
      ) select count(*) from removed`,
  };
}

/** Counts of settled operations. Every node adds to the same rows. */
export function createSettled(
  schema: string,
  connections: Connections,
): Pick<StoreReporting, "addSettledCounts" | "settledCounts"> {
  const table = tableName(schema, "settled");
  // One node at a time: two nodes that add to the same rows would deadlock.
  const lock: Statement = {
    name: "lock settled",
    text: `select pg_advisory_xact_lock(hashtext(${escapeLiteral(table)}), 0)`,
  };
  const upsert: Statement = {
    name: "add settled",
    text: `insert into ${table} as s (${namesOf(COLUMNS)})
      select ${KEY}, sum(count) from ${unnested(COLUMNS)} v (${namesOf(COLUMNS)}) group by ${KEY}
      on conflict (${KEY}) do update set count = s.count + excluded.count`,
  };
  const select: Statement = {
    name: "select settled",
    text: `select at / $1 * $1, outcome, bucket, sum(count)::bigint from ${table}
      where period_ms = $2 and at >= $3 and type = any($4::text[]) and ($5::text is null or kind = $5)
      group by 1, 2, 3 order by 1, 2, 3`,
  };
  return {
    addSettledCounts: async (counts: readonly SettledCount[]) => {
      if (counts.length === 0) return;
      const arrays = arraysOf("settled", COLUMNS, counts.map(settledValues));
      await connections.transaction(async (transaction) => {
        await Promise.all([transaction.run(lock), transaction.run(upsert, arrays), transaction.commit()]);
      });
    },
    async settledCounts({ periodMs, from, types, kind = null, pointMs }) {
      const parameters = [pointMs, periodMs, from, arrayOf("settled.type", "text", types), kind];
      return (await connections.run(select, parameters)).map(settledPointOf);
    },
  };
}
