import type { JsonText } from "../json/json.ts";
import type { Operation } from "../operation.ts";
import type { OperationPolicy } from "../policy.ts";
import type { Resource } from "../resource.ts";

export interface NewOperation {
  readonly id: string;
  readonly kind: string;
  readonly at: number;
  readonly policy: OperationPolicy;
  readonly configuration: JsonText;
  readonly rawConfiguration: JsonText;
  readonly input: JsonText | null;
  readonly dueAt: number;
  readonly principal: JsonText | null;
  /** Deadline that the client chose, if it is earlier. */
  readonly chosenDeadlineAt?: number | undefined;
  readonly traceparent: string | null;
  readonly turn: string | null;
}

/** Creates a pending operation. The deadline counts from the instant at which it may begin. */
export function newOperation({
  id,
  kind,
  at,
  policy,
  configuration,
  rawConfiguration,
  input,
  dueAt,
  principal,
  chosenDeadlineAt = Infinity,
  traceparent,
  turn,
}: NewOperation): Operation {
  return {
    id,
    kind,
    state: "pending",
    root: id,
    attempt: 0,
    sequence: 0,
    failures: 0,
    lostWorkers: 0,
    undoFailures: 0,
    configuration,
    rawConfiguration,
    input,
    details: null,
    progress: null,
    estimatedEndAt: null,
    acceptedAt: at,
    startedAt: null,
    attemptAt: null,
    settledAt: null,
    dueAt,
    timeoutAt: null,
    deadlineAt: Math.min(dueAt + policy.deadlineMs, chosenDeadlineAt),
    undoDeadlineAt: null,
    worker: null,
    claim: null,
    isolated: policy.isolated,
    awaitedMessages: [],
    receivedCount: 0,
    undoable: 0,
    steps: 0,
    lastStep: null,
    lastStepAt: null,
    bytes: 0,
    failedBytes: 0,
    settling: null,
    requestedDelete: null,
    principal,
    requestedDeletePrincipal: null,
    traceparent,
    turn,
  };
}

/** Continues the sequence of an external operation, so that late messages about the previous operation are outdated. */
export function continueSequence(previous: Operation, operation: Operation, { external }: OperationPolicy): Operation {
  return external ? { ...operation, sequence: previous.sequence + 1 } : operation;
}

/** Creates the delete operation of a resource in its present state. */
export function newDeleteOperation(
  { configuration, rawConfiguration }: Pick<Resource, "configuration" | "rawConfiguration">,
  removal: Pick<NewOperation, "id" | "at" | "policy" | "principal" | "traceparent" | "turn">,
): Operation {
  return newOperation({ ...removal, kind: "delete", configuration, rawConfiguration, input: null, dueAt: removal.at });
}
