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
  readonly traceparent: string | null;
}

/** A pending operation that nobody has touched yet. The deadline counts from when it may begin. */
export function newOperation({
  id,
  kind,
  at,
  policy,
  configuration,
  rawConfiguration: sent,
  input,
  dueAt,
  traceparent: trace,
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
    rawConfiguration: sent,
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
    deadlineAt: dueAt + policy.deadlineMs,
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
    traceparent: trace,
  };
}

/** What an outside process said of the operation before is not of this one, however late it comes. */
export function after(previous: Operation, operation: Operation, { external }: OperationPolicy): Operation {
  return external ? { ...operation, sequence: previous.sequence + 1 } : operation;
}

/** A delete of a resource as it is. */
export function newDelete(
  { configuration, rawConfiguration: sent }: Pick<Resource, "configuration" | "rawConfiguration">,
  { id, at, policy, traceparent: trace }: Pick<NewOperation, "id" | "at" | "policy" | "traceparent">,
): Operation {
  return newOperation({
    id,
    kind: "delete",
    at,
    policy,
    configuration,
    rawConfiguration: sent,
    input: null,
    dueAt: at,
    traceparent: trace,
  });
}
