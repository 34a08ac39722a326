import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { CHILD_ROWS } from "../../../test/core/child-rows.ts";
import { policyWith, Row } from "../../../test/core/row.ts";
import {
  observed,
  cancelling,
  due,
  ended,
  external,
  pending,
  repeat,
  idle,
  running,
  longTimeout,
  stepped,
  reported,
  undoing,
  annotated,
  undone,
  waiting,
} from "../../../test/core/states.ts";

// One test for each row of the table in docs/state-machine.md. A row without a test fails, and a test without a row.

const GRACE_MS = 15_000;

/** Runs each row of the table. Returns the actual outcomes, one for each way to run it, and the expected ones. */
const rows: Record<string, () => [actual: unknown, expected: unknown]> = {
  ...CHILD_ROWS,
  "- | accepted": () => {
    const later = new Row();
    later.accept({ availableAt: later.now + 1 });
    return [
      [due(pending()), due(later)],
      ["pending now", "pending later"],
    ];
  },
  "pending, waiting | claimed when due": () => {
    const rest = waiting();
    const early = rest.claim().outcome;
    rest.now += 1000;
    rest.claim();
    const { state, attempt } = running().operation;
    return [
      [early, rest.operation.state, rest.operation.attempt, state, attempt],
      ["dropped", "running", 2, "running", 1],
    ];
  },
  "running | succeeded": () => [ended(Row.ready()), "succeeded"],
  "running | failed, retryable": () => {
    const row = running();
    row.fail();
    return [due(row), "pending later"];
  },
  "running | failed permanently, or the last attempt failed": () => {
    const [permanent, last] = [stepped(), stepped(() => Row.running(policyWith({}, { attempts: 1 })))];
    permanent.fail(false);
    last.fail();
    return [
      [undone(permanent), undone(last)],
      ["failed work-failed", "failed work-failed"],
    ];
  },
  "running | waits": () => {
    const row = waiting();
    const wait = due(row);
    row.applyEvent({ event: "received", id: "m", name: "approval", value: "1" });
    return [
      [wait, due(row)],
      ["waiting later", "pending now"],
    ];
  },
  "running | waits, but an unseen message has been received": () => {
    const row = running();
    row.applyEvent({ event: "received", id: "m", name: "approval", value: "1" });
    row.applyAttemptEvent({ event: "waiting", receive: ["approval"], receivedSeen: 0 });
    return [due(row), "pending now"];
  },
  "running | worker lost": () => {
    const row = running();
    row.applyAttemptEvent({ event: "lost" });
    const first = [due(row), row.operation.isolated];
    row.claim();
    row.applyAttemptEvent({ event: "lost" });
    return [
      [...first, due(row)],
      ["pending now", true, "pending later"],
    ];
  },
  "running | last worker lost": () => {
    const row = stepped(() => Row.running(policyWith({}, { lostWorkers: 1 })));
    row.applyAttemptEvent({ event: "lost" });
    return [undone(row), "failed worker-lost"];
  },
  "running | handed back by a stopping worker": () => {
    const row = running();
    row.applyAttemptEvent({ event: "handed-back" });
    return [due(row), "pending now"];
  },
  "running | past `timeoutMs`": () => {
    const row = running();
    row.reap(row.now + 60_000 + GRACE_MS);
    return [
      [due(row), row.operation.failures, row.history.at(-1)?.error?.code],
      ["pending later", 1, "timed-out"],
    ];
  },
  "running | past `deadlineMs`": () => {
    const row = stepped(longTimeout);
    row.reap(row.operation.deadlineAt);
    const { state } = row.operation;
    row.reap(row.now + GRACE_MS);
    return [
      [state, undone(row)],
      ["cancelling", "failed deadline-exceeded"],
    ];
  },
  "pending, waiting | past `deadlineMs`": () => {
    const [fresh, rest] = [pending(), idle()];
    for (const row of [fresh, rest]) row.reap(row.operation.deadlineAt);
    return [
      [ended(fresh), undone(rest)],
      ["failed deadline-exceeded", "failed deadline-exceeded"],
    ];
  },
  "pending, waiting | cancel": () => {
    const [fresh, rest] = [pending(), idle()];
    for (const row of [fresh, rest]) row.applyEvent({ event: "cancel-requested" });
    return [
      [ended(fresh), undone(rest)],
      ["cancelled cancelled", "cancelled cancelled"],
    ];
  },
  "running | cancel": () => [cancelling().operation.state, "cancelling"],
  "cancelling | succeeded": () => {
    const row = cancelling();
    row.applyAttemptEvent({ event: "succeeded", details: "{}" });
    return [ended(row), "succeeded"];
  },
  "cancelling | any other end of the attempt": () => {
    const ends = [
      (row: Row) => row.applyAttemptEvent({ event: "cancelled" }),
      (row: Row) => row.fail(),
      (row: Row) => row.applyAttemptEvent({ event: "waiting", receivedSeen: 0 }),
      (row: Row) => row.applyAttemptEvent({ event: "handed-back" }),
      (row: Row) => row.applyAttemptEvent({ event: "lost" }),
      (row: Row) => row.reap(row.operation.timeoutAt ?? 0),
    ];
    const cancelled = ends.map((end) => {
      const row = stepped(cancelling);
      end(row);
      return undone(row);
    });
    const late = ends.map((end) => {
      const row = stepped(longTimeout);
      row.reap(row.operation.deadlineAt);
      end(row);
      return undone(row);
    });
    return [
      [new Set(cancelled), new Set(late)],
      [new Set(["cancelled cancelled"]), new Set(["failed deadline-exceeded"])],
    ];
  },
  "undoing | claimed": () => {
    const { state, attempt } = undoing().operation;
    return [
      [state, attempt],
      ["undoing", 2],
    ];
  },
  "undoing | every step undone": () => {
    const [failed, cancelled] = [stepped(), stepped(cancelling)];
    failed.fail(false);
    cancelled.applyAttemptEvent({ event: "cancelled" });
    return [
      [undone(failed), undone(cancelled)],
      ["failed work-failed", "cancelled cancelled"],
    ];
  },
  "undoing | an undo failed, retryable": () => {
    const row = undoing();
    row.fail();
    return [due(row), "undoing later"];
  },
  "undoing | worker lost, or handed back": () => {
    const [lost, back] = [undoing(), undoing()];
    lost.applyAttemptEvent({ event: "lost" });
    back.applyAttemptEvent({ event: "handed-back" });
    return [
      [due(lost), due(back)],
      ["undoing now", "undoing now"],
    ];
  },
  "undoing | attempts, workers or time used up; an undo failed permanently; a step without its undo": () => {
    const spent: ((row: Row) => void)[] = [
      (row) => repeat(row, () => row.fail()),
      (row) => repeat(row, () => row.applyAttemptEvent({ event: "lost" })),
      (row) => row.reap(row.operation.undoDeadlineAt ?? 0),
      (row) => row.fail(false),
      (row) => row.applyAttemptEvent({ event: "undone" }),
    ];
    const outcomes = spent.map((spend) => {
      const row = undoing();
      spend(row);
      if (row.operation.state === "undoing") row.reap();
      return `${ended(row)} ${String(row.resource.error?.detail.includes("disk"))}`;
    });
    return [new Set(outcomes), new Set(["failed undo-incomplete true"])];
  },
  "any in progress | DELETE": () => {
    const after = [pending, waiting, running, cancelling, undoing].map((make) => {
      const row = make();
      row.applyEvent({ event: "delete-requested", operation: "d" });
      if (row.operation.state === "cancelling") row.applyAttemptEvent({ event: "cancelled" });
      if (row.operation.state === "undoing") row.reap(row.operation.undoDeadlineAt ?? 0);
      return `${row.operation.id} ${row.operation.kind} ${row.operation.state}`;
    });
    return [new Set(after), new Set(["d delete pending"])];
  },
  "delete in progress | cancel": () => {
    const row = Row.ready();
    row.accept({ kind: "delete" });
    return [row.applyEvent({ event: "cancel-requested" }).code, "delete-in-progress"];
  },
  "pending, waiting | a status message": () => {
    const { state, worker, attempt, timeoutAt } = reported().operation;
    return [
      [state, worker, attempt, timeoutAt],
      ["running", null, 1, null],
    ];
  },
  "running, unclaimed | a status message: succeeded": () => {
    const row = reported();
    row.applyEvent({ event: "reported", sentAt: 2, outcome: "succeeded", details: "{}" });
    return [ended(row), "succeeded"];
  },
  "running, unclaimed | a status message: failed": () => {
    const row = reported(stepped(() => Row.running(external)));
    const error = { code: "no-capacity", title: "Full", detail: "The rack is full.", retryable: true };
    row.applyEvent({ event: "reported", sentAt: 2, outcome: "failed", error });
    return [undone(row), "failed no-capacity"];
  },
  "running, unclaimed | cancel, or past `deadlineMs`": () => {
    const [cancelled, late] = [reported(), reported()];
    cancelled.applyEvent({ event: "cancel-requested" });
    late.reap(late.operation.deadlineAt);
    return [
      [ended(cancelled), ended(late)],
      ["cancelled cancelled", "failed deadline-exceeded"],
    ];
  },
  "waiting | `observe` returns succeeded": () => {
    const row = observed(waiting(), { outcome: "succeeded", details: "{}" });
    return [ended(row), "succeeded"];
  },
  "waiting | `observe` returns failed": () => {
    const error = { code: "no-capacity", title: "Full", detail: "The rack is full.", retryable: true };
    const row = stepped(() => Row.running());
    row.applyAttemptEvent({ event: "waiting", receivedSeen: 0 });
    return [undone(observed(row, { outcome: "failed", error })), "failed no-capacity"];
  },
  "settled | `observe` returns a status or details": () => {
    const row = observed(Row.ready(), { status: "Stopped", details: '{"ip":"::2"}' });
    return [
      [row.resource.status, row.resource.details, ended(row)],
      ["Stopped", '{"ip":"::2"}', "succeeded"],
    ];
  },
  "settled | any message of a worker": () => [Row.ready().fail().outcome, "dropped"],
  "settled | cancel, a message": () => {
    const row = Row.ready();
    const message = { event: "received", id: "m", name: "approval", value: "1" } as const;
    return [
      [row.applyEvent({ event: "cancel-requested" }).code, row.applyEvent(message).code],
      ["settled", "settled"],
    ];
  },
  "any, settled too | a client changes the metadata": () => [
    [running(), Row.ready(), undoing()].map(annotated),
    Array.from({ length: 3 }, () => ["applied", "unchanged", "edit-mismatch", '{"a":"b"}', true]),
  ],
};

for (const [row, come] of Object.entries(rows)) {
  test(row, () => {
    assert.deepEqual(...come());
  });
}

test("the rows tested are those that the docs show", () => {
  const docs = readFileSync(new URL("../../../docs/state-machine.md", import.meta.url), "utf8");
  const table = docs.split("## Transitions")[1]?.split("\n## ")[0] ?? "";
  const shown = [...table.matchAll(/^\| *(.+?) *\| *(.+?) *\| .+ \|$/gm)].map(
    ([, from, event]) => `${from} | ${event}`,
  );
  assert.deepEqual(shown.slice(2).toSorted(), Object.keys(rows).toSorted());
});
