import type { WorkerHeartbeat } from "../../../core/ports/change-feed.ts";
import { number, text } from "../../values.ts";
import type { Session } from "../connection/connections.ts";
import { arrayOf, arraysOf, columnsOf, namesOf, type Statement, tableName, unnested } from "../connection/statement.ts";

const HEARTBEAT = columnsOf({ worker: "text", heartbeat: "bigint" });

/** Table of the latest heartbeat of each worker. Server processes share heartbeats through it. */
export interface HeartbeatTable {
  save(session: Session, heartbeats: readonly WorkerHeartbeat[]): Promise<void>;
  read(session: Session, workers: readonly string[]): Promise<WorkerHeartbeat[]>;
}

export function createHeartbeatTable(schema: string): HeartbeatTable {
  const table = tableName(schema, "workers");
  const upsert: Statement = {
    name: "upsert heartbeats",
    // A worker may heartbeat before it claims: no claim is older than -1.
    text: `insert into ${table} as w (worker, heartbeat, claim, seen_at)
      select worker, max(heartbeat), -1, now() from ${unnested(HEARTBEAT)} v (${namesOf(HEARTBEAT)}) group by worker order by worker collate "C"
      on conflict (worker) do update set heartbeat = greatest(w.heartbeat, excluded.heartbeat), seen_at = excluded.seen_at`,
  };
  const select: Statement = {
    name: "select heartbeats",
    text: `select worker, heartbeat from ${table} where worker = any($1::text[])`,
  };
  return {
    async save(session, heartbeats) {
      if (heartbeats.length === 0) return;
      await session.run(
        upsert,
        arraysOf(
          "workers",
          HEARTBEAT,
          heartbeats.map(({ worker, number: heartbeat }) => [worker, heartbeat]),
        ),
      );
    },
    async read(session, workers) {
      if (workers.length === 0) return [];
      const rows = await session.run(select, [arrayOf("workers.worker", "text", workers)]);
      return rows.map(([worker, heartbeat]) => ({ worker: text(worker), number: number(heartbeat) }));
    },
  };
}
