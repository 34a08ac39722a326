import type { WorkerHeartbeat } from "../../../core/ports/change-feed.ts";
import { number, text } from "../../values.ts";
import type { Session } from "../connection/connections.ts";
import { arrayOf, arraysOf, columnsOf, namesOf, type Statement, tableName, unnested } from "../connection/statement.ts";

const HEARTBEAT = columnsOf({ worker: "text", beat: "bigint" });

/** The latest beat of each worker. */
export interface HeartbeatTable {
  save(session: Session, beats: readonly WorkerHeartbeat[]): Promise<void>;
  read(session: Session, workers: readonly string[]): Promise<WorkerHeartbeat[]>;
}

export function createHeartbeatTable(schema: string): HeartbeatTable {
  const table = tableName(schema, "workers");
  const upsert: Statement = {
    name: "upsert beats",
    // A worker may beat before it claims: no claim is older than -1.
    text: `insert into ${table} as w (worker, beat, claim, seen_at)
      select worker, max(beat), -1, now() from ${unnested(HEARTBEAT)} v (${namesOf(HEARTBEAT)}) group by worker order by worker collate "C"
      on conflict (worker) do update set beat = greatest(w.beat, excluded.beat), seen_at = excluded.seen_at`,
  };
  const select: Statement = {
    name: "select beats",
    text: `select worker, beat from ${table} where worker = any($1::text[])`,
  };
  return {
    async save(session, beats) {
      if (beats.length === 0) return;
      await session.run(
        upsert,
        arraysOf(
          "workers",
          HEARTBEAT,
          beats.map(({ worker, number: beat }) => [worker, beat]),
        ),
      );
    },
    async read(session, workers) {
      if (workers.length === 0) return [];
      const rows = await session.run(select, [arrayOf("workers.worker", "text", workers)]);
      return rows.map(([worker, beat]) => ({ worker: text(worker), number: number(beat) }));
    },
  };
}
