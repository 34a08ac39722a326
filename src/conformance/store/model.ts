import type { HistoryEntry } from "../../core/history.ts";
import type { Applied } from "../../core/ports/store.ts";
import type { ReceivedMessage, Resource, StepRecord } from "../../core/resource.ts";
import type { Change, Folded, IdempotentReply } from "../../core/state-machine/change.ts";
import { fold } from "../../core/state-machine/fold.ts";
import { POLICIES } from "./types.ts";

/** All that a store keeps of one resource. */
export interface Kept {
  resource?: Resource;
  readonly history: HistoryEntry[];
  /** Of the operation that may be gone on with. */
  records: Map<string, StepRecord>;
  /** Of all operations, each with its root. */
  readonly messages: Map<string, ReceivedMessage & { readonly root: string }>;
  readonly replies: Map<string, IdempotentReply>;
}

export function nothingKept(): Kept {
  return { history: [], records: new Map(), messages: new Map(), replies: new Map() };
}

/** What a store has to make of one change: the core's fold, written down in the simplest way. */
export function applyTo(kept: Kept, change: Change): Applied {
  const { resource } = kept;
  const row = resource === undefined ? {} : { resource };
  const { idempotency } = change;
  const reply = idempotency === undefined ? undefined : kept.replies.get(idempotency.key);
  if (reply !== undefined) {
    const same = reply.fingerprint === idempotency?.fingerprint;
    return same
      ? { outcome: "replayed", reply, ...row }
      : { outcome: "refused", code: "idempotency-key-reused", ...row };
  }
  const folded = fold(POLICIES, resource, change, storedOf(kept, change));
  if (folded.outcome === "applied") write(kept, folded);
  if (idempotency !== undefined && (folded.outcome === "applied" || folded.outcome === "unchanged")) {
    kept.replies.set(idempotency.key, idempotency);
  }
  const { outcome, code } = folded;
  return {
    outcome,
    ...(code === undefined ? {} : { code }),
    ...(folded.resource === undefined ? {} : { resource: folded.resource }),
  };
}

function storedOf(kept: Kept, change: Change): StepRecord | ReceivedMessage | undefined {
  if (change.change === "accept") return undefined;
  const { event } = change;
  if (event.event === "recorded") return kept.records.get(event.step);
  const message = event.event === "received" ? kept.messages.get(event.id) : undefined;
  if (message === undefined) return undefined;
  const { root: _root, ...stored } = message;
  return stored;
}

function write(kept: Kept, { resource, history, record, clearFailed, message }: Folded): void {
  if (resource === undefined) return;
  const { root } = resource.operation;
  if (kept.resource?.operation.root !== root) kept.records = new Map();
  if (clearFailed === true) kept.records = new Map([...kept.records].flatMap(cleared));
  if (record !== undefined) kept.records.set(record.step, record);
  if (message !== undefined) kept.messages.set(message.id, { ...message, root });
  kept.history.push(...history);
  kept.resource = resource;
}

function cleared([step, record]: readonly [string, StepRecord]): [string, StepRecord][] {
  if (record.state !== "failed") return [[step, record]];
  return record.undo ? [[step, { ...record, state: "started", result: null, error: null }]] : [];
}
