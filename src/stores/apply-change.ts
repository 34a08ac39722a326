import {
  type AcceptChange,
  type Change,
  type ChangeResult,
  eventChange,
  type IdempotentReply,
  type RefusalCode,
} from "../core/change.ts";
import { childChange } from "../core/children/child-changes.ts";
import type { HistoryEntry } from "../core/history.ts";
import { isInProgress } from "../core/operation.ts";
import type { Policies } from "../core/policy.ts";
import type { ApplyResult, ClaimRequest, ReplyKey } from "../core/ports/store.ts";
import type { ReceivedMessage, Resource, ResourceKey, StepRecord } from "../core/resource.ts";
import { reduceChange } from "../core/state-machine/reduce-change.ts";
import { causedChanges } from "./caused-changes.ts";
import { readyTurns, type Turn } from "./turns.ts";

/** A row within a transaction: read at most once, written at most once. */
export interface TransactionRow {
  /** Referenced by history entries. Also set for a row that is not inserted yet. */
  readonly rowId: number;
  readonly resource: Resource | undefined;
}

/** The tables of a store, as one transaction sees them. Each change reads the writes of the changes before it. */
export interface Tables<Row extends TransactionRow> {
  readonly resources: {
    byKey(key: ResourceKey): Row;
    byOperation(operation: string): Row | undefined;
    put(row: Row, resource: Resource): void;
  };
  readonly records: {
    record(root: string, step: string): StepRecord | undefined;
    save(root: string, record: StepRecord): void;
    clearFailed(root: string): void;
    /** Called when no retry can continue the operation any more. */
    remove(root: string): void;
  };
  readonly received: {
    message(rowId: number, id: string): ReceivedMessage | undefined;
    save(rowId: number, root: string, message: ReceivedMessage): void;
  };
  readonly history: { add(rowId: number, entry: HistoryEntry): void };
  readonly inProgress: {
    ofType(type: string): number;
    ofOwner(owner: string): number;
    move(before: Resource | undefined, after: Resource): void;
  };
  /** Counts operations that are due and have no turn, up to a maximum. Required for claims with the acceptance. */
  readonly countDue?: (query: DueQuery) => number;
  /** Stores that a turn is ready. Required for types with a limit per key. */
  readonly turns?: { ready(turn: Turn): void };
  reply(key: ReplyKey): IdempotentReply | undefined;
  saveReply(reply: IdempotentReply, at: number): void;
}

/** The operations that {@link Tables.countDue} counts. */
export interface DueQuery {
  readonly type: string;
  readonly kinds: readonly string[];
  readonly at: number;
  readonly max: number;
}

/** Applies one change within the current transaction. */
export function applyChange<Row extends TransactionRow>(
  tables: Tables<Row>,
  policies: Policies,
  change: Change,
): ApplyResult {
  const row = findRow(tables, change);
  const replayed = replay(tables, change, row?.resource);
  if (replayed !== undefined) return replayed;
  const also: Resource[] = [];
  const claim = change.change === "accept" && mayClaim(tables, change) ? change.claim : undefined;
  const reduced = reduceInto(tables, policies, row, { change, also });
  const { idempotency, at } = change;
  if (idempotency !== undefined && (reduced.outcome === "applied" || reduced.outcome === "unchanged")) {
    tables.saveReply(idempotency, at);
  }
  if (reduced.outcome === "applied" && row !== undefined && claim !== undefined) {
    claimRow(tables, policies, row, { ...claim, at });
  }
  const resource = claim === undefined ? reduced.resource : (row?.resource ?? reduced.resource);
  const result = resultOf(reduced.outcome, resource, reduced.code === undefined ? {} : { code: reduced.code });
  return also.length === 0 ? result : { ...result, also };
}

/** Returns true if a worker may claim the operation with its acceptance: the slots suffice for those that wait longer. */
function mayClaim<Row extends TransactionRow>(
  tables: Tables<Row>,
  { claim, key, operation, at }: AcceptChange,
): boolean {
  // A retry inherits records, which a claim has to read.
  if (claim === undefined || operation.turn !== undefined || operation.retryOf !== undefined) return false;
  const { kinds, free } = claim;
  const others = tables.countDue?.({ type: key.type, kinds, at, max: free + 1 });
  return others !== undefined && others <= free;
}

function findRow<Row extends TransactionRow>({ resources }: Tables<Row>, change: Change): Row | undefined {
  if (change.change === "accept") return resources.byKey(change.key);
  const { target } = change;
  if (!("operation" in target)) return resources.byKey(target);
  const row = resources.byOperation(target.operation);
  // An earlier change of this transaction may have replaced the operation. It is unknown then, as in any later
  // transaction.
  return row?.resource?.operation.id === target.operation ? row : undefined;
}

/** Returns the stored reply of the Idempotency-Key, or a refusal if the key was used for a different request. */
function replay<Row extends TransactionRow>(
  tables: Tables<Row>,
  { idempotency }: Change,
  resource: Resource | undefined,
): ApplyResult | undefined {
  if (idempotency === undefined) return undefined;
  const stored = tables.reply(idempotency);
  if (stored === undefined) return undefined;
  return stored.fingerprint === idempotency.fingerprint
    ? resultOf("replayed", resource, { reply: stored })
    : resultOf("refused", resource, { code: "idempotency-key-reused" });
}

function resultOf(
  outcome: ApplyResult["outcome"],
  resource: Resource | undefined,
  more: Pick<ApplyResult, "code" | "reply">,
): ApplyResult {
  return resource === undefined ? { outcome, ...more } : { outcome, resource, ...more };
}

function reduceInto<Row extends TransactionRow>(
  tables: Tables<Row>,
  policies: Policies,
  row: Row | undefined,
  { change, also }: AppliedChange,
): ChangeResult {
  const resource = row?.resource;
  const reduced = reduceChange(policies, resource, change, storedRecordOf(tables, row, change));
  if (row === undefined) return reduced;
  const code =
    exceededLimit(tables, resource, change, reduced) ?? applyToChild(tables, policies, reduced, { change, also });
  if (code !== undefined) return { outcome: "refused", code, resource, history: [] };
  if (reduced.outcome !== "applied" || reduced.resource === undefined) return reduced;
  writeChange(tables, row, reduced, change.at);
  for (const caused of causedChanges(policies, resource, reduced.resource, change)) {
    applyCaused(tables, policies, caused, also);
  }
  return reduced;
}

/** A change, and the rows of other resources that it changes. */
interface AppliedChange {
  readonly change: Change;
  readonly also: Resource[];
}

/** Applies the command of a worker's message to a child. Returns the reason if it is refused: then nothing is written. */
function applyToChild<Row extends TransactionRow>(
  tables: Tables<Row>,
  policies: Policies,
  { outcome, resource: parent }: ChangeResult,
  { change, also }: AppliedChange,
): RefusalCode | undefined {
  const command = change.change === "event" && change.event.event === "recorded" ? change.event.child : undefined;
  if (command === undefined || parent === undefined) return undefined;
  if (outcome !== "applied" && outcome !== "unchanged") return undefined;
  const child = tables.resources.byKey(command).resource;
  const caused = childChange(command, { parent, child, stamp: change });
  return caused === undefined ? undefined : applyCaused(tables, policies, caused, also);
}

/** Applies a change of another resource. Returns the reason if it is refused. */
function applyCaused<Row extends TransactionRow>(
  tables: Tables<Row>,
  policies: Policies,
  caused: Change,
  also: Resource[],
): RefusalCode | undefined {
  const { outcome, code, resource, also: more = [] } = applyChange(tables, policies, caused);
  if (outcome === "applied" && resource !== undefined) also.push(resource);
  also.push(...more);
  return code;
}

/** Reads the step record or received message to which an event refers. */
function storedRecordOf<Row extends TransactionRow>(
  { records, received }: Tables<Row>,
  row: Row | undefined,
  change: Change,
): StepRecord | ReceivedMessage | undefined {
  if (row?.resource === undefined || change.change !== "event") return undefined;
  const { event } = change;
  if (event.event === "recorded") return records.record(row.resource.operation.root, event.step);
  return event.event === "received" ? received.message(row.rowId, event.id) : undefined;
}

function exceededLimit<Row extends TransactionRow>(
  { inProgress }: Tables<Row>,
  before: Resource | undefined,
  change: Change,
  { outcome, resource }: ChangeResult,
): RefusalCode | undefined {
  if (change.change !== "accept" || resource === undefined || outcome !== "applied") return undefined;
  const { maxInProgress, ownerLimit } = change;
  if (maxInProgress === undefined && ownerLimit === undefined) return undefined;
  const begins = isInProgress(resource.operation) && (before === undefined || !isInProgress(before.operation));
  if (!begins) return undefined;
  if (maxInProgress !== undefined && inProgress.ofType(resource.type) >= maxInProgress) return "too-many-in-progress";
  const isOwners = ownerLimit !== undefined && resource.owner === ownerLimit.owner;
  return isOwners && inProgress.ofOwner(ownerLimit.owner) >= ownerLimit.max ? "too-many-of-owner" : undefined;
}

/** Claims a row for a worker. Returns false if its operation is not due any more, by the time of the request. */
export function claimRow<Row extends TransactionRow>(
  tables: Tables<Row>,
  policies: Policies,
  row: Row,
  { worker, claim, at }: Omit<ClaimRequest, "slots">,
): boolean {
  const { resource } = row;
  if (resource === undefined) return false;
  const target = { operation: resource.operation.id };
  const change = eventChange(target, { event: "claimed", worker, claim }, { at, random: 0 });
  const reduced = reduceChange(policies, resource, change);
  if (reduced.outcome !== "applied") return false;
  writeChange(tables, row, reduced, at);
  return true;
}

/** Writes the result of a change. The row itself is written once, at the end of the transaction. */
function writeChange<Row extends TransactionRow>(
  tables: Tables<Row>,
  row: Row,
  { resource, history, record, clearFailed, message }: ChangeResult,
  at: number,
): void {
  const before = row.resource;
  if (resource === undefined) return;
  const { records, received } = tables;
  const { root } = resource.operation;
  if (before !== undefined && before.operation.root !== root) records.remove(before.operation.root);
  if (clearFailed === true) records.clearFailed(root);
  if (record !== undefined) records.save(root, record);
  if (message !== undefined) received.save(row.rowId, root, message);
  for (const entry of history) tables.history.add(row.rowId, entry);
  tables.inProgress.move(before, resource);
  for (const turn of readyTurns(before, resource, at)) tables.turns?.ready(turn);
  tables.resources.put(row, resource);
}
