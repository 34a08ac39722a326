import { type Operation, type OperationState, nextDeadlineAt } from "../core/operation.ts";
import type { Resource } from "../core/resource.ts";
import { errorOf, namesOf, settlementOf } from "./json-columns.ts";
import {
  type ColumnValue,
  flag,
  jsonOrNull,
  number,
  numberOrNull,
  type RowValues,
  text,
  textOrNull,
} from "./values.ts";

/** All columns but `row`, in the order of {@link valuesOf}. */
export const COLUMNS = [
  "type",
  "id",
  "owner",
  "created_at",
  "deleted_at",
  "operation",
  "kind",
  "status",
  "due_at",
  "reap_at",
  "worker",
  "claim",
  "state",
  "progress",
  "attempt",
  "creation",
  "edit",
  "version",
  "updated_at",
  "settled_status",
  "root",
  "sequence",
  "failures",
  "losses",
  "undo_failures",
  "estimated_end_at",
  "accepted_at",
  "started_at",
  "attempt_at",
  "settled_at",
  "timeout_at",
  "deadline_at",
  "undo_deadline_at",
  "isolated",
  "awaiting",
  "received",
  "undoable",
  "steps",
  "last_step",
  "last_step_at",
  "bytes",
  "failed_bytes",
  "settling",
  "delete_asked",
  "trace",
  "error",
  "configuration",
  "sent",
  "target_configuration",
  "target_sent",
  "input",
  "details",
  "reported_details",
] as const;

const AT = positions(COLUMNS);

export const COLUMN_LIST = COLUMNS.join(", ");

/** The row of a resource, in the order of {@link COLUMNS}. */
export function valuesOf(resource: Resource): ColumnValue[] {
  const { operation, configuration, rawConfiguration: sent } = resource;
  return [
    resource.type,
    resource.id,
    resource.owner,
    resource.createdAt,
    resource.deletedAt,
    operation.id,
    operation.kind,
    resource.status,
    operation.dueAt,
    nextDeadlineAt(operation),
    operation.worker,
    operation.claim,
    operation.state,
    operation.progress,
    operation.attempt,
    resource.creation,
    resource.edit,
    resource.version,
    resource.updatedAt,
    resource.settledStatus,
    operation.root,
    operation.sequence,
    operation.failures,
    operation.lostWorkers,
    operation.undoFailures,
    operation.estimatedEndAt,
    operation.acceptedAt,
    operation.startedAt,
    operation.attemptAt,
    operation.settledAt,
    operation.timeoutAt,
    operation.deadlineAt,
    operation.undoDeadlineAt,
    operation.isolated ? 1 : 0,
    operation.awaitedMessages.length === 0 ? "[]" : JSON.stringify(operation.awaitedMessages),
    operation.receivedCount,
    operation.undoable,
    operation.steps,
    operation.lastStep,
    operation.lastStepAt,
    operation.bytes,
    operation.failedBytes,
    jsonOrNull(operation.settling),
    operation.requestedDelete,
    operation.traceparent,
    jsonOrNull(resource.error),
    configuration,
    sent === configuration ? null : sent,
    operation.configuration === configuration ? null : operation.configuration,
    operation.rawConfiguration === sent ? null : operation.rawConfiguration,
    operation.input,
    resource.details,
    operation.details,
  ];
}

/** The resource of a row that has the columns of {@link COLUMNS}. */
export function resourceOf(row: RowValues): Resource {
  const configuration = text(row[AT.configuration]);
  const sent = textOrNull(row[AT.sent]) ?? configuration;
  return {
    type: text(row[AT.type]),
    id: text(row[AT.id]),
    creation: text(row[AT.creation]),
    edit: number(row[AT.edit]),
    version: number(row[AT.version]),
    owner: textOrNull(row[AT.owner]),
    createdAt: number(row[AT.created_at]),
    updatedAt: number(row[AT.updated_at]),
    status: text(row[AT.status]),
    settledStatus: textOrNull(row[AT.settled_status]),
    configuration,
    rawConfiguration: sent,
    details: text(row[AT.details]),
    error: errorOf(row[AT.error]),
    operation: operationOf(row, configuration, sent),
    deletedAt: numberOrNull(row[AT.deleted_at]),
  };
}

function operationOf(row: RowValues, configuration: string, sent: string): Operation {
  return {
    id: text(row[AT.operation]),
    kind: text(row[AT.kind]),
    state: stateOf(row[AT.state]),
    root: text(row[AT.root]),
    attempt: number(row[AT.attempt]),
    sequence: number(row[AT.sequence]),
    failures: number(row[AT.failures]),
    lostWorkers: number(row[AT.losses]),
    undoFailures: number(row[AT.undo_failures]),
    configuration: textOrNull(row[AT.target_configuration]) ?? configuration,
    rawConfiguration: textOrNull(row[AT.target_sent]) ?? sent,
    input: textOrNull(row[AT.input]),
    details: textOrNull(row[AT.reported_details]),
    progress: numberOrNull(row[AT.progress]),
    estimatedEndAt: numberOrNull(row[AT.estimated_end_at]),
    acceptedAt: number(row[AT.accepted_at]),
    startedAt: numberOrNull(row[AT.started_at]),
    attemptAt: numberOrNull(row[AT.attempt_at]),
    settledAt: numberOrNull(row[AT.settled_at]),
    dueAt: numberOrNull(row[AT.due_at]),
    timeoutAt: numberOrNull(row[AT.timeout_at]),
    deadlineAt: number(row[AT.deadline_at]),
    undoDeadlineAt: numberOrNull(row[AT.undo_deadline_at]),
    worker: textOrNull(row[AT.worker]),
    claim: numberOrNull(row[AT.claim]),
    isolated: flag(row[AT.isolated]),
    awaitedMessages: namesOf(row[AT.awaiting]),
    receivedCount: number(row[AT.received]),
    undoable: number(row[AT.undoable]),
    steps: number(row[AT.steps]),
    lastStep: textOrNull(row[AT.last_step]),
    lastStepAt: numberOrNull(row[AT.last_step_at]),
    bytes: number(row[AT.bytes]),
    failedBytes: number(row[AT.failed_bytes]),
    settling: settlementOf(row[AT.settling]),
    requestedDelete: textOrNull(row[AT.delete_asked]),
    traceparent: textOrNull(row[AT.trace]),
  };
}

const STATES: ReadonlyMap<unknown, OperationState> = new Map(
  (["pending", "running", "waiting", "cancelling", "undoing", "succeeded", "failed", "cancelled"] as const).map(
    (state) => [state, state],
  ),
);

function stateOf(value: unknown): OperationState {
  const state = STATES.get(value);
  if (state === undefined) throw new TypeError(`resources.state: ${JSON.stringify(value)} is no state of an operation`);
  return state;
}

function positions<Name extends string>(names: readonly Name[]): Readonly<Record<Name, number>>;
function positions(names: readonly string[]): Readonly<Record<string, number>> {
  return Object.fromEntries(names.map((name, index) => [name, index]));
}
