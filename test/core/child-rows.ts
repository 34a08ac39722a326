import assert from "node:assert/strict";
import type { Row } from "./row.ts";
import { due, running, undoing } from "./states.ts";

// The rows of the table in docs/state-machine.md that concern children, each with its way to run it.

export const CHILD_ROWS: Record<string, () => [actual: unknown, expected: unknown]> = {
  "waiting | a child that the work waits for is settled": () => {
    const [last, first] = [afterChild(running(), "leaf/1"), afterChild(running(), "leaf/1", "leaf/2")];
    const waitsMs = [last, first].map(({ operation, now }) => (operation.dueAt ?? 0) - now);
    return [
      [due(last), due(first), ...waitsMs],
      ["pending now", "pending later", 0, 200],
    ];
  },
  "undoing | waits for children to be deleted": () => [due(afterChild(undoing(), "leaf/1")), "undoing now"],
};

/** Waits for children, of which the first is settled. */
function afterChild(row: Row, ...children: readonly string[]): Row {
  row.applyAttemptEvent({ event: "waiting", receive: children.map((key) => `child:${key}`), receivedSeen: 0 });
  assert.deepEqual({ dueAt: row.operation.dueAt, worker: row.operation.worker }, { dueAt: null, worker: null });
  row.applyEvent({ event: "child-settled", type: "leaf", id: "1", isFailed: false });
  return row;
}
