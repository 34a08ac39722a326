import type { PurgeRequest } from "../../../core/ports/store.ts";
import type { Connections, Parameter } from "../connection/connections.ts";
import { type Statement, tableName } from "../connection/statement.ts";
import { settledPurge } from "../tables/settled.ts";

/** Removes one bounded step of expired rows. Returns the number of removed rows. */
export type Purging = (request: PurgeRequest) => Promise<number>;

export function createPurging(schema: string, connections: Connections): Purging {
  const statements = statementsOf((name) => tableName(schema, name));
  return ({ deletedBefore, historyBefore, idempotencyBefore, statisticsBefore, limit }) =>
    connections.transaction(async (transaction) => {
      const count = async (statement: Statement, ...parameters: Parameter[]): Promise<number> => {
        const [row] = await transaction.run({ ...statement, isPlannedByValues: true }, parameters);
        return Number(row?.[0]);
      };
      // Rows of workers are internal and not counted.
      const [removed] = await Promise.all([
        Promise.all([
          count(statements.historyOfDeleted, deletedBefore, limit),
          count(statements.deleted, deletedBefore, limit),
          count(statements.history, historyBefore, limit),
          count(statements.replies, idempotencyBefore, limit),
          ...statisticsBefore.map(({ periodMs, before }) => count(statements.settled, periodMs, before, limit)),
        ]),
        count(statements.workers, limit),
        transaction.commit(),
      ]);
      return removed.reduce((sum, each) => sum + each, 0);
    });
}

/** Returns the statements of a purge. Each skips locked rows, which the next purge finds again. */
function statementsOf(table: (name: string) => string) {
  const deleted = `select row from ${table("resources")} where deleted_at < $1 order by deleted_at limit $2 for update skip locked`;
  return {
    historyOfDeleted: {
      name: "purge history of deleted",
      text: `with removed as (${deleted}), lines as (
          delete from ${table("history")} where (resource, sequence) in (
            select h.resource, h.sequence from removed join ${table("history")} h on h.resource = removed.row limit $2
          ) returning 1
        ) select count(*) from lines`,
    },
    deleted: {
      name: "purge deleted",
      // A row stays for the next step if some of its history is left.
      text: `with old as (${deleted}), bare as (
          select row from old where not exists (select from ${table("history")} h where h.resource = old.row)
        ), removed as (
          delete from ${table("resources")} r using bare where r.row = bare.row returning r.row, r.root
        ), records as (
          delete from ${table("records")} c using removed where c.root = removed.root
        ), messages as (
          delete from ${table("received")} c using removed where c.resource = removed.row
        ) select count(*) from removed`,
    },
    history: {
      name: "purge history",
      text: `with lines as (
          select h.resource, h.sequence, h.at, h.event, h.operation = r.operation as is_latest, r.state, r.root
          from ${table("history")} h join ${table("resources")} r on r.row = h.resource
          where h.at < $1 and r.settled_at is not null limit $2
        ), removed as (
          delete from ${table("history")} h using lines l where h.resource = l.resource and h.sequence = l.sequence returning 1
        ), records as (
          delete from ${table("records")} c using lines l
          where l.event = 'succeeded' and l.is_latest and c.root = l.root
        ), messages as (
          delete from ${table("received")} c using lines l
          where l.event = 'received' and c.resource = l.resource and c.at <= l.at and (l.state = 'succeeded' or c.root <> l.root)
        ) select count(*) from removed`,
    },
    replies: {
      name: "purge replies",
      text: `with removed as (
          delete from ${table("replies")} where (principal, key) in (
            select principal, key from ${table("replies")} where at < $1 limit $2 for update skip locked
          ) returning 1
        ) select count(*) from removed`,
    },
    settled: settledPurge(table("settled")),
    workers: {
      name: "purge workers",
      // By the clock of the database alone, and long after they are last read.
      text: `with removed as (
          delete from ${table("workers")} where worker in (
            select worker from ${table("workers")} w where seen_at < now() - interval '1 day'
              and not exists (select from ${table("resources")} r where r.worker = w.worker) limit $1 for update skip locked
          ) returning 1
        ) select count(*) from removed`,
    },
  } satisfies Record<string, Statement>;
}
