import type { PurgeRequest } from "../../../core/ports/store.ts";
import { number, text } from "../../values.ts";
import { prepareRows } from "../file/statement.ts";
import { createSettledPurging } from "../tables/settled.ts";
import type { Tables } from "../tables/tables.ts";

/** Removes one bounded step of expired rows. Returns the number of removed rows. */
export type Purging = (request: PurgeRequest) => number;

export function createPurging(tables: Tables): Purging {
  const purgeDeleted = createDeletedPurging(tables);
  const purgeHistory = createHistoryPurging(tables);
  const purgeReplies = createReplyPurging(tables);
  const purgeSettled = createSettledPurging(tables.database);
  return (request) => {
    const { resources, meta, history } = tables;
    resources.flush();
    resources.forget();
    meta.set("next_sequence", String(history.nextSequence()));
    const { limit } = request;
    return (
      purgeDeleted(request.deletedBefore, limit) +
      purgeHistory(request.historyBefore, limit) +
      purgeReplies(request.idempotencyBefore, limit) +
      purgeSettled(request)
    );
  };
}

function createDeletedPurging({ database, records, received }: Tables): (before: number, limit: number) => number {
  const select = prepareRows(
    database,
    "select row, root from resources where deleted_at < ? order by deleted_at limit ?",
  );
  const removeHistory = database.prepare(
    "delete from history where sequence in (select sequence from history where resource = ? order by sequence limit ?)",
  );
  const removeResource = database.prepare("delete from resources where row = ?");
  return (before, limit) => {
    let removed = 0;
    let remaining = limit;
    for (const [row, root] of select.all(before, limit)) {
      const lines = Number(removeHistory.run(number(row), remaining).changes);
      removed += lines;
      remaining -= lines;
      // The row stays for the next step, as some of its history may be left.
      if (remaining <= 0) break;
      records.remove(text(root));
      received.removeUpTo(number(row), Number.MAX_SAFE_INTEGER, null);
      removeResource.run(number(row));
      removed++;
    }
    return removed;
  };
}

/**
 * Removes old history. Entries are nearly in the order of their time, so they are read from the start of the table up
 * to the first that is too young. The records and messages of operations that no retry can continue are removed with
 * them.
 */
function createHistoryPurging({ database, records, received }: Tables): (before: number, limit: number) => number {
  const select = prepareRows(
    database,
    `select h.sequence, h.at, h.event, h.resource, h.operation, r.operation, r.state, r.root
     from history h join resources r on r.row = h.resource where r.settled_at is not null order by h.sequence limit ?`,
  );
  const remove = database.prepare("delete from history where sequence = ?");
  return (before, limit) => {
    let removed = 0;
    for (const [sequence, at, event, row, operation, latest, state, root] of select.all(limit)) {
      if (number(at) >= before) break;
      remove.run(number(sequence));
      removed++;
      if (event === "succeeded" && operation === latest) records.remove(text(root));
      if (event === "received") received.removeUpTo(number(row), number(at), state === "succeeded" ? null : text(root));
    }
    return removed;
  };
}

function createReplyPurging({ database }: Tables): (before: number, limit: number) => number {
  const select = prepareRows(database, "select row, at from replies order by row limit ?");
  const remove = database.prepare("delete from replies where row = ?");
  return (before, limit) => {
    let removed = 0;
    for (const [row, at] of select.all(limit)) {
      if (number(at) >= before) break;
      remove.run(number(row));
      removed++;
    }
    return removed;
  };
}
