import type { Change, ChangeResult, IdempotentReply, RefusalCode } from "../core/change.ts";
import type { HistoryEntry } from "../core/history.ts";
import { isInProgress } from "../core/operation.ts";
import type { Policies } from "../core/policy.ts";
import type { ApplyResult, ReplyKey } from "../core/ports/store.ts";
import type { ReceivedMessage, Resource, ResourceKey, StepRecord } from "../core/resource.ts";
import { reduceChange } from "../core/state-machine/fold.ts";

/** A row within a transaction: read at most once, written at most once. */
export interface TransactionRow {
  /** The number that the lines of its history name; chosen also for a row that is not written yet. */
  readonly rowId: number;
  readonly resource: Resource | undefined;
}

/** What a store has, as one transaction sees it: what one change wrote, the next one reads. */
export interface Tables<Row extends TransactionRow> {
  readonly resources: {
    byKey(key: ResourceKey): Row;
    byOperation(operation: string): Row | undefined;
    put(slot: Row, resource: Resource): void;
  };
  readonly records: {
    record(root: string, step: string): StepRecord | undefined;
    save(root: string, record: StepRecord): void;
    clearFailed(root: string): void;
    /** Nobody can go on with the operation any more. */
    remove(root: string): void;
  };
  readonly received: {
    message(row: number, id: string): ReceivedMessage | undefined;
    save(row: number, root: string, message: ReceivedMessage): void;
  };
  readonly history: { add(row: number, entry: HistoryEntry): void };
  readonly inProgress: {
    ofType(type: string): number;
    ofOwner(owner: string): number;
    move(before: Resource | undefined, after: Resource): void;
  };
  reply(key: ReplyKey): IdempotentReply | undefined;
  saveReply(reply: IdempotentReply, at: number): void;
}

/** Applies one change within the transaction under way. */
export function applyChange<Row extends TransactionRow>(
  tables: Tables<Row>,
  policies: Policies,
  change: Change,
): ApplyResult {
  const slot = findRow(tables, change);
  const replayed = replay(tables, change, slot?.resource);
  if (replayed !== undefined) return replayed;
  const reduced = reduceInto(tables, policies, slot, change);
  const { idempotency, at } = change;
  if (idempotency !== undefined && (reduced.outcome === "applied" || reduced.outcome === "unchanged")) {
    tables.saveReply(idempotency, at);
  }
  return resultOf(reduced.outcome, reduced.resource, reduced.code === undefined ? {} : { code: reduced.code });
}

function findRow<Row extends TransactionRow>({ resources }: Tables<Row>, change: Change): Row | undefined {
  if (change.change === "accept") return resources.byKey(change.key);
  const { target } = change;
  return "operation" in target ? resources.byOperation(target.operation) : resources.byKey(target);
}

/** The answer given before to the same Idempotency-Key, or its refusal to another request. */
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
  slot: Row | undefined,
  change: Change,
): ChangeResult {
  const resource = slot?.resource;
  const reduced = reduceChange(policies, resource, change, storedRecordOf(tables, slot, change));
  if (reduced.outcome !== "applied" || slot === undefined) return reduced;
  const code = exceededLimit(tables, resource, change, reduced);
  if (code !== undefined) return { outcome: "refused", code, resource, history: [] };
  writeChange(tables, slot, reduced);
  return reduced;
}

/** What the store has of what an event names. */
function storedRecordOf<Row extends TransactionRow>(
  { records, received }: Tables<Row>,
  slot: Row | undefined,
  change: Change,
): StepRecord | ReceivedMessage | undefined {
  if (slot?.resource === undefined || change.change !== "event") return undefined;
  const { event } = change;
  if (event.event === "recorded") return records.record(slot.resource.operation.root, event.step);
  return event.event === "received" ? received.message(slot.rowId, event.id) : undefined;
}

function exceededLimit<Row extends TransactionRow>(
  { inProgress }: Tables<Row>,
  before: Resource | undefined,
  change: Change,
  { resource }: ChangeResult,
): RefusalCode | undefined {
  if (change.change !== "accept" || resource === undefined) return undefined;
  const { maxInProgress, ownerLimit } = change;
  if (maxInProgress === undefined && ownerLimit === undefined) return undefined;
  const begins = isInProgress(resource.operation) && (before === undefined || !isInProgress(before.operation));
  if (!begins) return undefined;
  if (maxInProgress !== undefined && inProgress.ofType(resource.type) >= maxInProgress) return "too-many-in-progress";
  const isOwners = ownerLimit !== undefined && resource.owner === ownerLimit.owner;
  return isOwners && inProgress.ofOwner(ownerLimit.owner) >= ownerLimit.max ? "too-many-of-owner" : undefined;
}

/** Writes all that a folded change says: the row itself later, once for the whole transaction. */
export function writeChange<Row extends TransactionRow>(
  tables: Tables<Row>,
  slot: Row,
  { resource, history, record, clearFailed, message }: ChangeResult,
): void {
  const before = slot.resource;
  if (resource === undefined) return;
  const { records, received } = tables;
  const { root } = resource.operation;
  if (before !== undefined && before.operation.root !== root) records.remove(before.operation.root);
  if (clearFailed === true) records.clearFailed(root);
  if (record !== undefined) records.save(root, record);
  if (message !== undefined) received.save(slot.rowId, root, message);
  for (const entry of history) tables.history.add(slot.rowId, entry);
  tables.inProgress.move(before, resource);
  tables.resources.put(slot, resource);
}
