import { escapeLiteral } from "pg";
import { type DurationSamples, MAX_SAMPLES } from "../../../core/ports/statistics.ts";
import { samplesOf } from "../../json-columns.ts";
import { text } from "../../values.ts";
import type { Connections } from "../connection/connections.ts";
import { arraysOf, columnsOf, namesOf, type Statement, tableName, unnested } from "../connection/statement.ts";

const SAMPLE = columnsOf({ type: "text", kind: "text", milestone: "text", reached_ms: "bigint", settled_ms: "bigint" });
const MILESTONE = SAMPLE.slice(0, 3);

/** Duration samples, from which the time remaining is learned. Of each milestone the newest samples are kept. */
export interface Durations {
  save(samples: readonly DurationSamples[]): Promise<void>;
  read(): Promise<DurationSamples[]>;
}

export function createDurations(schema: string, connections: Connections): Durations {
  const table = tableName(schema, "durations");
  // One node at a time: two nodes that trim the same milestones would deadlock.
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
    text: `delete from ${table} d using ${unnested(MILESTONE)} w (${namesOf(MILESTONE)})
      where d.type = w.type and d.kind = w.kind and d.milestone = w.milestone and d.sequence <= (
        select k.sequence from ${table} k where k.type = w.type and k.kind = w.kind and k.milestone = w.milestone
        order by k.sequence desc offset ${MAX_SAMPLES} limit 1
      )`,
  };
  const select: Statement = {
    name: "select durations",
    text: `select type, kind, milestone, pg_catalog.json_agg(pg_catalog.json_build_array(reached_ms, settled_ms) order by sequence)::text
      from ${table} group by type, kind, milestone order by type, kind, milestone`,
  };
  return {
    save: (samples) =>
      connections.transaction(async (transaction) => {
        const rows = samples.flatMap(({ type, kind, milestone, samples: values }) =>
          values.map((value) => [type, kind, milestone, ...value]),
        );
        const milestones = new Map(
          samples.map(({ type, kind, milestone }) => [`${type}\0${kind}\0${milestone}`, [type, kind, milestone]]),
        );
        const [sampleArrays, milestoneArrays] = [
          arraysOf("durations", SAMPLE, rows),
          arraysOf("durations", MILESTONE, [...milestones.values()]),
        ];
        await Promise.all([
          transaction.run(lock),
          transaction.run(insert, sampleArrays),
          transaction.run(trim, milestoneArrays),
          transaction.commit(),
        ]);
      }),
    async read() {
      const rows = await connections.run(select);
      return rows.map(([type, kind, milestone, samples]) => ({
        type: text(type),
        kind: text(kind),
        milestone: text(milestone),
        samples: samplesOf(samples),
      }));
    },
  };
}
