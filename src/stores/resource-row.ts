import { type Operation, type OperationState, nextDeadlineAt } from "../core/operation.ts";
import { type ParentLink, type Resource, resourceKeyText } from "../core/resource.ts";
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

/** All columns except `row`, in the order of {@link valuesOf}. */
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
  "next_deadline_at",
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
  "lost_workers",
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
  "awaited_messages",
  "received_count",
  "undoable",
  "steps",
  "last_step",
  "last_step_at",
  "bytes",
  "failed_bytes",
  "turn_due_at",
  "settling",
  "requested_delete",
  "traceparent",
  "error",
  "configuration",
  "raw_configuration",
  "target_configuration",
  "target_raw_configuration",
  "input",
  "details",
  "reported_details",
  "principals",
  "metadata",
  "turn",
  "parent",
  "parent_call",
  "webhook",
] as const;

const INDEX = indexesOf(COLUMNS);

export const METADATA_INDEX = INDEX.metadata;
export const CREATION_INDEX = INDEX.creation;
export const VERSION_INDEX = INDEX.version;

export const COLUMN_LIST = COLUMNS.join(", ");

/** Converts a resource to the values of its row, in the order of {@link COLUMNS}. */
// oxlint-disable-next-line eslint/max-lines-per-function -- one line for each column
export function valuesOf(resource: Resource): ColumnValue[] {
  const { operation, configuration, rawConfiguration } = resource;
  return [
    resource.type,
    resource.id,
    resource.owner,
    resource.createdAt,
    resource.deletedAt,
    operation.id,
    operation.kind,
    resource.status,
    // An operation with a turn is due in a column of its own, where only the claims of turns find it.
    operation.turn === null ? operation.dueAt : null,
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
    operation.turn === null ? null : operation.dueAt,
    jsonOrNull(operation.settling),
    operation.requestedDelete,
    operation.traceparent,
    jsonOrNull(resource.error),
    configuration,
    rawConfiguration === configuration ? null : rawConfiguration,
    operation.configuration === configuration ? null : operation.configuration,
    operation.rawConfiguration === rawConfiguration ? null : operation.rawConfiguration,
    operation.input,
    resource.details,
    operation.details,
    principalsText(operation),
    resource.metadata,
    operation.turn,
    ...parentValues(resource),
    resource.webhook,
  ];
}

/** Converts a row with the columns of {@link COLUMNS} to a resource. */
export function resourceOf(row: RowValues): Resource {
  const configuration = text(row[INDEX.configuration]);
  const rawConfiguration = textOrNull(row[INDEX.raw_configuration]) ?? configuration;
  return {
    type: text(row[INDEX.type]),
    id: text(row[INDEX.id]),
    creation: text(row[INDEX.creation]),
    edit: number(row[INDEX.edit]),
    version: number(row[INDEX.version]),
    owner: textOrNull(row[INDEX.owner]),
    parent: parentOf(row[INDEX.parent], row[INDEX.parent_call]),
    createdAt: number(row[INDEX.created_at]),
    updatedAt: number(row[INDEX.updated_at]),
    status: text(row[INDEX.status]),
    settledStatus: textOrNull(row[INDEX.settled_status]),
    configuration,
    rawConfiguration,
    details: text(row[INDEX.details]),
    metadata: textOrNull(row[INDEX.metadata]),
    error: errorOf(row[INDEX.error]),
    webhook: textOrNull(row[INDEX.webhook]),
    operation: operationOf(row, configuration, rawConfiguration),
    deletedAt: numberOrNull(row[INDEX.deleted_at]),
  };
}

function operationOf(row: RowValues, configuration: string, rawConfiguration: string): Operation {
  return {
    id: text(row[INDEX.operation]),
    kind: text(row[INDEX.kind]),
    state: stateOf(row[INDEX.state]),
    root: text(row[INDEX.root]),
    attempt: number(row[INDEX.attempt]),
    sequence: number(row[INDEX.sequence]),
    failures: number(row[INDEX.failures]),
    lostWorkers: number(row[INDEX.lost_workers]),
    undoFailures: number(row[INDEX.undo_failures]),
    configuration: textOrNull(row[INDEX.target_configuration]) ?? configuration,
    rawConfiguration: textOrNull(row[INDEX.target_raw_configuration]) ?? rawConfiguration,
    input: textOrNull(row[INDEX.input]),
    details: textOrNull(row[INDEX.reported_details]),
    progress: numberOrNull(row[INDEX.progress]),
    estimatedEndAt: numberOrNull(row[INDEX.estimated_end_at]),
    acceptedAt: number(row[INDEX.accepted_at]),
    startedAt: numberOrNull(row[INDEX.started_at]),
    attemptAt: numberOrNull(row[INDEX.attempt_at]),
    settledAt: numberOrNull(row[INDEX.settled_at]),
    dueAt: numberOrNull(row[INDEX.due_at] ?? row[INDEX.turn_due_at]),
    timeoutAt: numberOrNull(row[INDEX.timeout_at]),
    deadlineAt: number(row[INDEX.deadline_at]),
    undoDeadlineAt: numberOrNull(row[INDEX.undo_deadline_at]),
    worker: textOrNull(row[INDEX.worker]),
    claim: numberOrNull(row[INDEX.claim]),
    isolated: flag(row[INDEX.isolated]),
    awaitedMessages: namesOf(row[INDEX.awaited_messages]),
    receivedCount: number(row[INDEX.received_count]),
    undoable: number(row[INDEX.undoable]),
    steps: number(row[INDEX.steps]),
    lastStep: textOrNull(row[INDEX.last_step]),
    lastStepAt: numberOrNull(row[INDEX.last_step_at]),
    bytes: number(row[INDEX.bytes]),
    failedBytes: number(row[INDEX.failed_bytes]),
    settling: settlementOf(row[INDEX.settling]),
    requestedDelete: textOrNull(row[INDEX.requested_delete]),
    traceparent: textOrNull(row[INDEX.traceparent]),
    ...principalsOf(row),
    turn: textOrNull(row[INDEX.turn]),
  };
}

/**
 * Returns the principals of the operation and of a requested delete, as lines of the operation's id, a space and JSON;
 * null without any. The ids matter during a rolling update: a node of an earlier version keeps the column when it begins
 * an operation, and that operation must not get the principal of the one before.
 */
function principalsText({ id, principal, requestedDelete, requestedDeletePrincipal }: Operation): string | null {
  if (principal === null && requestedDeletePrincipal === null) return null;
  const lines = [principal === null ? [] : `${id} ${principal}`];
  return [...lines, requestedDeletePrincipal === null ? [] : `${requestedDelete} ${requestedDeletePrincipal}`]
    .flat()
    .join("\n");
}

function principalsOf(row: RowValues): Pick<Operation, "principal" | "requestedDeletePrincipal"> {
  const principals = textOrNull(row[INDEX.principals]);
  if (principals === null) return NO_PRINCIPALS;
  const lines = principals.split("\n");
  const of = (operation: unknown): string | null =>
    lines.find((line) => line.startsWith(`${text(operation)} `))?.slice(text(operation).length + 1) ?? null;
  const requestedDelete = row[INDEX.requested_delete];
  return {
    principal: of(row[INDEX.operation]),
    requestedDeletePrincipal: requestedDelete === null ? null : of(requestedDelete),
  };
}

const NO_PRINCIPALS = { principal: null, requestedDeletePrincipal: null };

function parentValues({ parent }: Resource): [parent: ColumnValue, call: ColumnValue] {
  if (parent === null) return [null, null];
  const { name, depth, madeBy } = parent;
  return [resourceKeyText(parent), `${depth} ${madeBy} ${name}`];
}

function parentOf(parent: unknown, call: unknown): ParentLink | null {
  const key = textOrNull(parent);
  if (key === null) return null;
  const slash = key.indexOf("/");
  const [depth = "", madeBy = "", ...name] = text(call).split(" ");
  return {
    type: key.slice(0, slash),
    id: key.slice(slash + 1),
    name: name.join(" "),
    depth: Number(depth),
    madeBy,
  };
}

const STATES: ReadonlyMap<unknown, OperationState> = new Map(
  (["pending", "running", "waiting", "cancelling", "undoing", "succeeded", "failed", "cancelled"] as const).map(
    (state) => [state, state],
  ),
);

function stateOf(value: unknown): OperationState {
  const state = STATES.get(value);
  if (state === undefined) {
    throw new TypeError(`resources.state: ${JSON.stringify(value)} is not a state of an operation`);
  }
  return state;
}

function indexesOf<Name extends string>(names: readonly Name[]): Readonly<Record<Name, number>>;
function indexesOf(names: readonly string[]): Readonly<Record<string, number>> {
  return Object.fromEntries(names.map((name, index) => [name, index]));
}
