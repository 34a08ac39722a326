import { escapeLiteral } from "pg";
import { type DurationSamples, MAX_SAMPLES } from "../../../core/ports/store.ts";
import { samplesOf } from "../../json-columns.ts";
import { text } from "../../values.ts";
import type { Connections } from "../connection/connections.ts";
import { arraysOf, columnsOf, namesOf, type Statement, tableName, unnested } from "../connection/statement.ts";

const SAMPLE = columnsOf({ type: "text", kind: "text", mark: "text", reached_ms: "bigint", settled_ms: "bigint" });
const MARK = SAMPLE.slice(0, 3);

/** What the time remaining is learned from: rows that are added, and of each mark the newest kept. */
export interface Durations {
  save(samples: readonly DurationSamples[]): Promise<void>;
  read(): Promise<DurationSamples[]>;
}

export function createDurations(schema: string, connections: Connections): Durations {
  const table = tableName(schema, "durations");
  // One node at a time: two that trim the same marks would wait for each other.
  const lock: Statement = {
    name: "lock durations",
    text: `select pg_advisory_xact_lock(hashtext(${escapeLiteral(table)}), 0)`,
  };
  const insert: Statement = {
    name: "insert durations",
    text: `insert into ${table} (${namesOf(SAMPLE)}) select * from ${unnested(SAMPLE)}`,
  };
  const trim: Statement = {
    name: "trim durations",
    text: `delete from ${table} d using ${unnested(MARK)} w (${namesOf(MARK)})
      where d.type = w.type and d.kind = w.kind and d.mark = w.mark and d.sequence <= (
        select k.sequence from ${table} k where k.type = w.type and k.kind = w.kind and k.mark = w.mark
        order by k.sequence desc offset ${MAX_SAMPLES} limit 1
      )`,
  };
  const select: Statement = {
    name: "select durations",
    text: `select type, kind, mark, json_agg(json_build_array(reached_ms, settled_ms) order by sequence)::text
      from ${table} group by type, kind, mark order by type, kind, mark`,
  };
  return {
    save: (samples) =>
      connections.transaction(async (transaction) => {
        const rows = samples.flatMap(({ type, kind, milestone: mark, samples: values }) =>
          values.map((value) => [type, kind, mark, ...value]),
        );
        const marks = new Map(
          samples.map(({ type, kind, milestone: mark }) => [`${type}\0${kind}\0${mark}`, [type, kind, mark]]),
        );
        const [sampleArrays, markArrays] = [
          arraysOf("durations", SAMPLE, rows),
          arraysOf("durations", MARK, [...marks.values()]),
        ];
        await Promise.all([
          transaction.run(lock),
          transaction.run(insert, sampleArrays),
          transaction.run(trim, markArrays),
          transaction.commit(),
        ]);
      }),
    async read() {
      const rows = await connections.run(select);
      return rows.map(([type, kind, mark, samples]) => ({
        type: text(type),
        kind: text(kind),
        milestone: text(mark),
        samples: samplesOf(samples),
      }));
    },
  };
}
