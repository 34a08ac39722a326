import assert from "node:assert/strict";
import { policyWith, Row } from "./row.ts";

// A row in each state, and what has become of one.

export function pending(): Row {
  return Row.created();
}

export function running(): Row {
  return Row.running();
}

export function waiting(): Row {
  const row = running();
  row.say({ event: "waiting", until: row.now + 1000, receive: ["approval"], receivedSeen: 0 });
  return row;
}

export function cancelling(): Row {
  const row = running();
  row.tell({ event: "cancel-requested" });
  return row;
}

/** With one step to undo. */
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

/** A step is to be undone, and nobody holds the operation. */
export function resting(): Row {
  const row = stepped();
  row.say({ event: "waiting", until: row.now + 1000, receivedSeen: 0 });
  return row;
}

/** Its attempt may take longer than the whole operation. */
export function slow(): Row {
  return Row.running(policyWith({}, { timeoutMs: 900_000 }));
}

export const external = policyWith({}, { external: true });

/** An outside process has told of it; a worker that held it before was lost. */
export function told(row = Row.created(external)): Row {
  if (row.operation.worker !== null) row.say({ event: "lost" });
  row.tell({ event: "reported", sentAt: 1, progress: 0.5 });
  return row;
}

/** Until undoing is over, or is waited with for the reaper. */
export function repeat(row: Row, end: () => unknown): void {
  end();
  while (row.operation.state === "undoing" && row.operation.dueAt !== null) {
    row.now = row.operation.dueAt;
    row.claim();
    end();
  }
}

/** `observe` was asked about the row as it is, and says this. */
export function answered(row: Row, said: object): Row {
  const { creation, version } = row.resource;
  row.tell({ event: "observed", creation, version, ...said });
  return row;
}

/** Takes back what was done, and gives how the operation then ended. */
export function undone(row: Row): string {
  assert.equal(row.operation.state, "undoing");
  row.claim();
  row.step("disk", "undone");
  row.say({ event: "undone" });
  return ended(row);
}

export function ended(row: Row): string {
  return `${row.operation.state} ${row.resource.error?.code ?? ""}`.trim();
}

export function due(row: Row): string {
  const { state, dueAt } = row.operation;
  return `${state} ${dueAt === row.now ? "now" : "later"}`;
}
