import fc from "fast-check";
import type { OperationEvent } from "../../src/core/events.ts";

/** An action on a resource in a random run. */
export type Action =
  /** An event of a client, a claim or an external process. */
  | { readonly do: "apply"; readonly event: OperationEvent; readonly twice: boolean }
  /** An event of a worker's attempt, `ago` attempts old: 0 for the current attempt, negative for a future one. */
  | {
      readonly do: "applyOfAttempt";
      readonly event: AttemptEvent;
      readonly ago: number;
      readonly twice: boolean;
      readonly random: number;
    }
  /** A request for an operation; for a deleted resource, a create. */
  | { readonly do: "accept"; readonly kind: "update" | "stop" | "delete" | "retry"; readonly configuration: string }
  | { readonly do: "advance"; readonly ms: number }
  | { readonly do: "reap" };

export type AttemptEvent = Extract<OperationEvent, { attempt: number }>;

const { constant, constantFrom, nat, oneof, record } = fc;
const weighted = <T>(weight: number, arbitrary: fc.Arbitrary<T>): fc.WeightedArbitrary<T> => ({ weight, arbitrary });

const step = constantFrom("disk", "network", "machine");
const json = constantFrom('{"a":1}', '{"a":2}', "{}");
/** Replaced by the attempt that `ago` selects. */
const attempt = constant(0);

const error = record({
  code: constant("work-failed"),
  title: constant("Failed"),
  detail: constant("It broke."),
  retryable: constantFrom(true, true, false),
});

const recorded = record({
  event: constant("recorded" as const),
  attempt,
  step,
  state: constantFrom("started" as const, "done" as const, "failed" as const),
  undo: fc.boolean(),
  result: json,
});

const undoneStep = record({
  event: constant("recorded" as const),
  attempt,
  step,
  state: constant("undone" as const),
  undo: constant(true),
});

const progress = record({
  event: constant("progress" as const),
  attempt,
  sequence: nat(5),
  progress: constantFrom(0, 0.3, 0.7),
  status: constantFrom("Booting", "Checking"),
  details: json,
});

const waiting = oneof(
  record({
    event: constant("waiting" as const),
    attempt,
    receive: fc.subarray(["approval", "comment", "child:leaf/1", "child:leaf/2"]),
    receivedSeen: nat(3),
  }),
  record({
    event: constant("waiting" as const),
    attempt,
    until: fc.integer({ min: 1_000_000, max: 2_000_000 }),
    receivedSeen: constant(3),
  }),
);

const attemptEvent: fc.Arbitrary<AttemptEvent> = oneof(
  weighted(8, recorded),
  weighted(8, undoneStep),
  weighted(3, progress),
  weighted(1, record({ event: constant("succeeded" as const), attempt, details: json })),
  weighted(1, record({ event: constant("succeeded" as const), attempt, details: json, label: constant("Stopped") })),
  weighted(3, record({ event: constant("failed" as const), attempt, error })),
  weighted(1, record({ event: constant("failed" as const), attempt, error, stepsNotUndone: constant(["disk"]) })),
  weighted(2, waiting),
  weighted(1, record({ event: constant("cancelled" as const), attempt })),
  weighted(3, record({ event: constant("undone" as const), attempt })),
  weighted(1, record({ event: constant("handed-back" as const), attempt })),
  weighted(3, record({ event: constant("lost" as const), attempt })),
);

const sentAt = nat(20);

const reportedEvent = oneof(
  record({
    event: constant("reported" as const),
    sentAt,
    progress: constantFrom(0, 0.3, 0.7),
    status: constantFrom("Booting", "Checking"),
    details: json,
  }),
  record({
    event: constant("reported" as const),
    sentAt,
    outcome: constant("succeeded" as const),
    details: json,
    label: constantFrom("Ready", "Stopped"),
  }),
  record({ event: constant("reported" as const), sentAt, outcome: constant("failed" as const), error }),
);

/** The version of the row is filled in when the event is applied. */
const ofVersion = { event: constant("observed" as const), creation: constant(""), version: constant(0) };

const observedEvent = oneof(
  record({
    ...ofVersion,
    progress: constantFrom(0, 0.3, 0.7),
    status: constantFrom("Booting", "Checking", "Ready", "Stopped"),
    details: json,
  }),
  record({
    ...ofVersion,
    outcome: constant("succeeded" as const),
    details: json,
    status: constantFrom("Ready", "Stopped"),
  }),
  record({ ...ofVersion, outcome: constant("failed" as const), error }),
);

const otherEvent: fc.Arbitrary<OperationEvent> = oneof(
  weighted(3, reportedEvent),
  weighted(3, observedEvent),
  weighted(20, record({ event: constant("claimed" as const), worker: constantFrom("w1", "w2"), claim: nat(3) })),
  weighted(
    2,
    record({
      event: constant("child-settled" as const),
      type: constant("leaf"),
      id: constantFrom("1", "2"),
      isFailed: fc.boolean(),
    }),
  ),
  weighted(1, constant({ event: "cancel-requested" as const })),
  weighted(1, record({ event: constant("delete-requested" as const), operation: fc.uuid() })),
  weighted(
    2,
    record({
      event: constant("received" as const),
      id: constantFrom("m1", "m2", "m3", "m4"),
      name: constantFrom("approval", "comment"),
      value: json,
    }),
  ),
);

export const action: fc.Arbitrary<Action> = oneof(
  weighted(6, record({ do: constant("apply" as const), event: otherEvent, twice: fc.boolean() })),
  weighted(
    12,
    record({
      do: constant("applyOfAttempt" as const),
      event: attemptEvent,
      ago: constantFrom(0, 0, 0, 0, 0, 0, 1, 2, -1),
      twice: fc.boolean(),
      random: constantFrom(0, 0.5, 0.999),
    }),
  ),
  weighted(
    2,
    record({
      do: constant("accept" as const),
      kind: constantFrom("update" as const, "stop" as const, "retry" as const, "retry" as const, "delete" as const),
      configuration: json,
    }),
  ),
  weighted(4, record({ do: constant("advance" as const), ms: constantFrom(1, 1000, 4000, 20_000, 90_000, 400_000) })),
  weighted(2, constant({ do: "reap" as const })),
);
