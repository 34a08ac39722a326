import { eventChange } from "../../../core/change.ts";
import { StoreFullError } from "../../../core/errors.ts";
import { number, text } from "../../values.ts";
import { prepareRows } from "../file/statement.ts";
import type { Tables } from "../tables/tables.ts";
import type { Commit } from "./commit.ts";

const BATCH_SIZE = 500;

/** Multiples of the golden ratio are spread evenly. They spread the retries of operations that were lost together. */
const GOLDEN_RATIO = 0.618;

/**
 * Marks the operations that the previous process had claimed as lost, and so due: their worker ended with that process.
 */
export function expireClaimsOfDeadProcess({ database }: Tables, commit: Commit, at: number): void {
  const claimed = prepareRows(
    database,
    "select row, operation, attempt from resources where worker is not null and next_deadline_at is not null",
  ).all();
  const changes = claimed.map(([row, operation, attempt]) =>
    eventChange(
      { operation: text(operation) },
      { event: "lost", attempt: number(attempt) },
      { at, random: (number(row) * GOLDEN_RATIO) % 1 },
    ),
  );
  for (let start = 0; start < changes.length; start += BATCH_SIZE) {
    const [reply] = commit([{ call: "apply", changes: changes.slice(start, start + BATCH_SIZE) }]);
    if (reply?.result === "full") throw new StoreFullError("The disk is full");
  }
}
