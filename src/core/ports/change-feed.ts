import { type Resource, resourceKeyText } from "../resource.ts";
import type { Notice } from "./messages.ts";

/** A message from one process to the others that share its store. */
export interface ChangeFeedMessage {
  readonly notices: readonly Notice[];
  /** Types with due operations. */
  readonly wakes: readonly string[];
}

/** Returns the message about changed rows: one notice for each resource, and the types with operations that are due. */
export function changeFeedMessageOf(changed: readonly Resource[]): ChangeFeedMessage {
  const notices = new Map<string, Notice>();
  const due = new Set<string>();
  for (const resource of changed) {
    notices.set(resourceKeyText(resource), noticeOf(resource));
    const { dueAt, turn, worker } = resource.operation;
    // An operation that no worker has claimed any more frees its turn for another one.
    if (dueAt !== null || (turn !== null && worker === null)) due.add(resource.type);
  }
  return { notices: [...notices.values()], wakes: [...due] };
}

function noticeOf({ type, id, version, operation }: Resource): Notice {
  if (operation.state !== "cancelling" || operation.worker === null) return { type, id, version };
  const { worker, attempt } = operation;
  return { type, id, version, abort: { worker, operation: operation.id, attempt } };
}

/** The callbacks of a subscriber. */
export interface ChangeFeedListener {
  readonly onMessage: (message: ChangeFeedMessage) => void;
  /**
   * Called when messages may have been missed, and once when the subscription begins: waiting requests must re-read the
   * store.
   */
  readonly onGap: () => void;
}

/** The latest heartbeat of a worker. */
export interface WorkerHeartbeat {
  readonly worker: string;
  /** Grows with each heartbeat. */
  readonly number: number;
}

/** The messages that a store transports between the processes that share it (pub/sub). */
export interface StoreSharing {
  /**
   * Publishes a message to the other processes, batched with others after a short delay. Never waits; messages may be
   * lost.
   */
  publish(message: ChangeFeedMessage): void;
  /** Subscribes to the messages of the other processes. The returned function ends the subscription. */
  subscribe(listener: ChangeFeedListener): () => void;
  /**
   * Stores the latest heartbeat of each worker, for all processes. It does not queue behind other calls, and may be
   * lost if the store crashes.
   */
  saveHeartbeats(beats: readonly WorkerHeartbeat[]): Promise<void>;
  /** Reads the latest heartbeats of these workers. Unknown workers are left out. */
  readHeartbeats(workers: readonly string[]): Promise<readonly WorkerHeartbeat[]>;
  /** Reads the wall clock that all processes of the store share, so that it does not matter how theirs differ. */
  now(): Promise<number>;
}
