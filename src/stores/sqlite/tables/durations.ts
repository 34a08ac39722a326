import type { DatabaseSync } from "node:sqlite";
import { type DurationSamples, MAX_SAMPLES } from "../../../core/ports/statistics.ts";
import { samplesOf } from "../../json-columns.ts";
import { text } from "../../values.ts";
import { prepareInsert, prepareRows } from "../file/statement.ts";

const COLUMNS = ["type", "kind", "milestone", "samples"];

/** Adds samples to those of the same milestone, and removes the oldest. */
export function createDurationWriting(database: DatabaseSync): (samples: DurationSamples) => void {
  const select = prepareRows(database, "select samples from durations where type = ? and kind = ? and milestone = ?");
  const upsert = prepareInsert(database, "durations", COLUMNS, "insert or replace");
  return ({ type, kind, milestone, samples }) => {
    const stored = samplesOf(select.get(type, kind, milestone)?.[0] ?? "[]");
    upsert(type, kind, milestone, JSON.stringify([...stored, ...samples].slice(-MAX_SAMPLES)));
  };
}

export function createDurationReading(database: DatabaseSync): () => DurationSamples[] {
  const select = prepareRows(database, `select ${COLUMNS.join(", ")} from durations order by type, kind, milestone`);
  return () =>
    select.all().map(([type, kind, milestone, samples]) => ({
      type: text(type),
      kind: text(kind),
      milestone: text(milestone),
      samples: samplesOf(samples),
    }));
}
