import type { RowValues } from "../../stores/values.ts";

const MAX_ROWS = 1000;
/** Approximate maximum size of the texts in a batch. A single larger row forms a batch of its own. */
const MAX_CHARACTERS = 4_000_000;

/** Groups rows into batches for one statement each. */
export function* batches(rows: Iterable<RowValues>): Generator<readonly RowValues[]> {
  let batch: RowValues[] = [];
  let characters = 0;
  for (const row of rows) {
    batch.push(row);
    for (const value of row) if (typeof value === "string") characters += value.length;
    if (batch.length < MAX_ROWS && characters < MAX_CHARACTERS) continue;
    yield batch;
    batch = [];
    characters = 0;
  }
  if (batch.length > 0) yield batch;
}
