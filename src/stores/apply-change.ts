import type { Change, Folded, IdempotentReply, RefusalCode } from "../core/change.ts";
import type { HistoryEntry } from "../core/history.ts";
import { isInProgress } from "../core/operation.ts";
import type { Policies } from "../core/policy.ts";
import type { Applied, ReplyKey } from "../core/ports/store.ts";
import type { ReceivedMessage, Resource, ResourceKey, StepRecord } from "../core/resource.ts";
import { fold } from "../core/state-machine/fold.ts";

/** A row within a transaction: read at most once, written at most once. */
export interface Slot {
  /** The number that the lines of its history name; chosen also for a row that is not written yet. */
  readonly row: number;
  readonly resource: Resource | undefined;
}

/** What a store has, as one transaction sees it: what one change wrote, the next one reads. */
export interface Tables<Row extends Slot> {
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
export function applyChange<Row extends Slot>(tables: Tables<Row>, policies: Policies, change: Change): Applied {
  const slot = slotOf(tables, change);
  const replayed = replay(tables, change, slot?.resource);
  if (replayed !== undefined) return replayed;
  const folded = foldInto(tables, policies, slot, change);
  const { idempotency, at } = change;
  if (idempotency !== undefined && (folded.outcome === "applied" || folded.outcome === "unchanged")) {
    tables.saveReply(idempotency, at);
  }
  return appliedOf(folded.outcome, folded.resource, folded.code === undefined ? {} : { code: folded.code });
}

function slotOf<Row extends Slot>({ resources }: Tables<Row>, change: Change): Row | undefined {
  if (change.change === "accept") return resources.byKey(change.key);
  const { target } = change;
  return "operation" in target ? resources.byOperation(target.operation) : resources.byKey(target);
}

/** The answer given before to the same Idempotency-Key, or its refusal to another request. */
function replay<Row extends Slot>(
  tables: Tables<Row>,
  { idempotency }: Change,
  resource: Resource | undefined,
): Applied | undefined {
  if (idempotency === undefined) return undefined;
  const given = tables.reply(idempotency);
  if (given === undefined) return undefined;
  return given.fingerprint === idempotency.fingerprint
    ? appliedOf("replayed", resource, { reply: given })
    : appliedOf("refused", resource, { code: "idempotency-key-reused" });
}

function appliedOf(
  outcome: Applied["outcome"],
  resource: Resource | undefined,
  more: Pick<Applied, "code" | "reply">,
): Applied {
  return resource === undefined ? { outcome, ...more } : { outcome, resource, ...more };
}

function foldInto<Row extends Slot>(
  tables: Tables<Row>,
  policies: Policies,
  slot: Row | undefined,
  change: Change,
): Folded {
  const resource = slot?.resource;
  const folded = fold(policies, resource, change, storedOf(tables, slot, change));
  if (folded.outcome !== "applied" || slot === undefined) return folded;
  const code = overLimit(tables, resource, change, folded);
  if (code !== undefined) return { outcome: "refused", code, resource, history: [] };
  write(tables, slot, folded);
  return folded;
}

/** What the store has of what an event names. */
function storedOf<Row extends Slot>(
  { records, received }: Tables<Row>,
  slot: Row | undefined,
  change: Change,
): StepRecord | ReceivedMessage | undefined {
  if (slot?.resource === undefined || change.change !== "event") return undefined;
  const { event } = change;
  if (event.event === "recorded") return records.record(slot.resource.operation.root, event.step);
  return event.event === "received" ? received.message(slot.row, event.id) : undefined;
}

function overLimit<Row extends Slot>(
  { inProgress }: Tables<Row>,
  before: Resource | undefined,
  change: Change,
  { resource }: Folded,
): RefusalCode | undefined {
  if (change.change !== "accept" || resource === undefined) return undefined;
  const { maxInProgress, ownerLimit } = change;
  if (maxInProgress === undefined && ownerLimit === undefined) return undefined;
  const begins = isInProgress(resource.operation) && (before === undefined || !isInProgress(before.operation));
  if (!begins) return undefined;
  if (maxInProgress !== undefined && inProgress.ofType(resource.type) >= maxInProgress) return "too-many-in-progress";
  const isOwners = ownerLimit !== undefined && resource.owner === ownerLimit.owner;
  return isOwners && inProgress.ofOwner(ownerLimit.owner) >= ownerLimit.most ? "too-many-of-owner" : undefined;
}

/** Writes all that a folded change says: the row itself later, once for the whole transaction. */
export function write<Row extends Slot>(
  tables: Tables<Row>,
  slot: Row,
  { resource, history, record, clearFailed, message }: Folded,
): void {
  const before = slot.resource;
  if (resource === undefined) return;
  const { records, received } = tables;
  const { root } = resource.operation;
  if (before !== undefined && before.operation.root !== root) records.remove(before.operation.root);
  if (clearFailed === true) records.clearFailed(root);
  if (record !== undefined) records.save(root, record);
  if (message !== undefined) received.save(slot.row, root, message);
  for (const entry of history) tables.history.add(slot.row, entry);
  tables.inProgress.move(before, resource);
  tables.resources.put(slot, resource);
}
