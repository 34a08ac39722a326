import assert from "node:assert/strict";
import { policyWith, Row } from "./row.ts";

// Rows in each state, and the outcome of a row.

export function pending(): Row {
  return Row.created();
}

export function running(): Row {
  return Row.running();
}

export function waiting(): Row {
  const row = running();
  row.applyAttemptEvent({ event: "waiting", until: row.now + 1000, receive: ["approval"], receivedSeen: 0 });
  return row;
}

export function cancelling(): Row {
  const row = running();
  row.applyEvent({ event: "cancel-requested" });
  return row;
}

/** A row with one step to undo. */
export function stepped(make = running): Row {
  const row = make();
  row.step("disk", "done");
  return row;
}

export function undoing(): Row {
  const row = stepped();
  row.fail(false);
  row.claim();
  return row;
}

/** An unclaimed operation with a step to undo. */
export function idle(): Row {
  const row = stepped();
  row.applyAttemptEvent({ event: "waiting", until: row.now + 1000, receivedSeen: 0 });
  return row;
}

/** A row whose attempt may last longer than its operation. */
export function longTimeout(): Row {
  return Row.running(policyWith({}, { timeoutMs: 900_000 }));
}

export const external = policyWith({}, { external: true });

/** A row with a status message of an external process. A worker that had claimed it was lost. */
export function reported(row = Row.created(external)): Row {
  if (row.operation.worker !== null) row.applyAttemptEvent({ event: "lost" });
  row.applyEvent({ event: "reported", sentAt: 1, progress: 0.5 });
  return row;
}

/** Repeats attempts at undoing until they end, or until only the reaper can end them. */
export function repeat(row: Row, end: () => unknown): void {
  end();
  while (row.operation.state === "undoing" && row.operation.dueAt !== null) {
    row.now = row.operation.dueAt;
    row.claim();
    end();
  }
}

/** Applies a result of `observe` for the row as it is. */
export function observed(row: Row, result: object): Row {
  const { creation, version } = row.resource;
  row.applyEvent({ event: "observed", creation, version, ...result });
  return row;
}

/** Undoes the step, and returns the outcome of the operation. */
export function undone(row: Row): string {
  assert.equal(row.operation.state, "undoing");
  row.claim();
  row.step("disk", "undone");
  row.applyAttemptEvent({ event: "undone" });
  return ended(row);
}

export function ended(row: Row): string {
  return `${row.operation.state} ${row.resource.error?.code ?? ""}`.trim();
}

export function due(row: Row): string {
  const { state, dueAt } = row.operation;
  return `${state} ${dueAt === row.now ? "now" : "later"}`;
}

/** Changes the metadata, repeats the change, and tries another one with the outdated edit. */
export function annotated(row: Row): readonly unknown[] {
  const { creation, edit, operation } = row.resource;
  const event = { event: "annotated", creation, edit, metadata: '{"a":"b"}' } as const;
  const outcomes = [event, event, { ...event, metadata: null }].map((each) => {
    const { outcome, code } = row.applyEvent(each);
    return code ?? outcome;
  });
  return [...outcomes, row.resource.metadata, row.resource.operation === operation];
}
