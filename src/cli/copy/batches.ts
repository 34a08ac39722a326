import type { RowValues } from "../../stores/values.ts";

const ROWS = 1000;
/** Texts may be large: a batch is never much more than this, or one row. */
const CHARACTERS = 4_000_000;

/** Brings rows together, as many as one statement should carry. */
export function* batches(rows: Iterable<RowValues>): Generator<readonly RowValues[]> {
  let batch: RowValues[] = [];
  let characters = 0;
  for (const row of rows) {
    batch.push(row);
    for (const value of row) if (typeof value === "string") characters += value.length;
    if (batch.length < ROWS && characters < CHARACTERS) continue;
    yield batch;
    batch = [];
    characters = 0;
  }
  if (batch.length > 0) yield batch;
}
