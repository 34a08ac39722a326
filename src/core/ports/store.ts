import type { Change, IdempotentReply } from "../change.ts";
import type { HistoryEntry } from "../history.ts";
import type { FieldPath } from "../json/edit-field.ts";
import type { Policies } from "../policy.ts";
import type { ReceivedMessage, Resource, ResourceKey, StepRecord } from "../resource.ts";
import type { AdjustedClock, ClockReading } from "../scheduling/clock-step.ts";
import type { ApplyResult, ReplyKey } from "./apply-result.ts";
import type { StoreSharing } from "./change-feed.ts";
import type { FindQuery, FoundPage } from "./finding.ts";
import type { ClaimSlots } from "./messages.ts";
import type { StoreReporting } from "./reporting.ts";
import type { StoreTransactions } from "./transactions.ts";

export { type ApplyResult, changedResources, type ReplyKey, requireResult } from "./apply-result.ts";
export type { ClaimSlots } from "./messages.ts";

/** A claim of due operations by a worker. */
export interface ClaimRequest {
  /** Id of the worker, new at each of its starts. */
  readonly worker: string;
  /**
   * Grows with each claim of the worker. The same number again returns the remaining grants of that claim, an older one
   * none.
   */
  readonly claim: number;
  readonly slots: readonly ClaimSlots[];
  readonly at: number;
  /**
   * Grants nothing if `at` deviates further from the store's own clock: after that clock was set back, everything would
   * look due to a process that has not noticed yet. Ignored by a store without {@link Store.sharing}. @default no limit
   */
  readonly maxClockDriftMs?: number;
}

export interface ApplyOptions {
  /**
   * Applies nothing if the latest instant of the changes deviates further from the store's own clock: rows with instants
   * of two clocks could not be corrected. Ignored by a store without {@link Store.sharing}. @default no limit
   */
  readonly maxClockDriftMs?: number;
}

/** An operation granted to a worker, with everything that its attempt needs. */
export interface GrantedOperation {
  readonly resource: Resource;
  /** Records in the order in which the steps began. */
  readonly records: readonly StepRecord[];
  readonly received: readonly ReceivedMessage[];
}

/** A page of the resources of one type. */
export interface ListQuery {
  readonly type: string;
  /** Only resources that belong to this owner. */
  readonly owner?: string;
  /** Only children of this resource. */
  readonly parent?: ResourceKey;
  /** Only these status labels. */
  readonly statuses?: readonly string[];
  /** Only resources after this position, in the order of the list. */
  readonly after?: ListPosition;
  readonly limit: number;
}

/**
 * The end of a page. Lists are sorted from the newest creation to the oldest, and by id within the same millisecond.
 */
export interface ListPosition {
  readonly createdAt: number;
  readonly id: string;
}

/** A page of a resource's history. */
export interface HistoryQuery {
  readonly key: ResourceKey;
  readonly limit: number;
  /** Only entries after this sequence number. */
  readonly after?: number;
}

/** An operation that the reaper has to end. */
export interface OverdueOperation {
  readonly resource: Resource;
  /** Names of the steps that are not undone yet. */
  readonly stepsNotUndone: readonly string[];
}

/** A page of resources in progress that no worker has claimed. */
export interface UnclaimedQuery {
  readonly types: readonly string[];
  readonly limit: number;
  /** Only resources after this position, which the previous page returned. */
  readonly after?: UnclaimedPosition;
}

/** The end of a page. */
export interface UnclaimedPosition {
  readonly nextDeadlineAt: number;
  readonly row: number;
}

/** A page of operations that are due and not claimed. */
export interface UnclaimedPage {
  readonly resources: readonly Resource[];
  /** Undefined on the last page. */
  readonly next: UnclaimedPosition | undefined;
}

/** A type as its last opening declared it. */
export interface StoredType {
  readonly name: string;
  /** Redacted fields of the configuration. They stay redacted after the type is no longer declared. */
  readonly redact: readonly FieldPath[];
}

/** One step of the removal of old rows. */
export interface PurgeRequest {
  /** Removes tombstones of resources that were deleted before this instant, with their history. */
  readonly deletedBefore: number;
  /** Removes history entries of settled resources from before this instant. */
  readonly historyBefore: number;
  /** Removes replies of idempotent requests from before this instant. */
  readonly idempotencyBefore: number;
  /**
   * Removes counts of settled operations from before `before`, by length of their periods. Ignored by a store without
   * {@link Store.reporting}.
   */
  readonly statisticsBefore: readonly { readonly periodMs: number; readonly before: number }[];
  /** Maximum number of rows of each kind, so that a purge never blocks other writes for long. */
  readonly limit: number;
}

/**
 * The single source of truth: resources, records of steps, history, received messages, idempotency keys.
 *
 * Every method without a question mark is required. `sharing`, `reporting` and `transactions` are optional parts:
 * without `sharing` a single process uses the store, and without `reporting` the server offers everything except the
 * overview and the list of the dashboard, counts of resources in progress, and learned durations that outlive the
 * process. Without `transactions`, a call with the option `transaction` is refused.
 *
 * Every method takes an array and may be called at any time by any number of callers. Calls of the same tick of the
 * event loop share one transaction (group commit). The promise of a write resolves once its commit is durable
 * (fsync'd), or rejects with `store-unavailable` if the outcome is unknown. Every write is idempotent by ids that were
 * chosen before the call, so it can be repeated unchanged. The entries of one call take effect in their order. An entry
 * that a store cannot hold, or cannot return unchanged (NUL, a lone surrogate, an instant that is no number), is
 * refused: its call rejects with `store-refused` once every other entry has taken effect. On a full disk, a write rejects
 * with `store-full`; entries that need little room may have taken effect.
 */
export interface Store {
  /** Name for logs and `/readyz`: `sqlite`, `postgres`. */
  readonly name: string;
  /** Messages between processes; undefined for a store that only one process at a time can open. */
  readonly sharing?: StoreSharing;
  /** Searches, counts and statistics; undefined for a store that does not offer them. */
  readonly reporting?: StoreReporting;
  /** Changes within transactions of the application; undefined for a store that does not offer them. */
  readonly transactions?: StoreTransactions;
  /** Limits of claimed operations per key; undefined for a store that does not offer them. */
  readonly turns?: StoreTurns;

  /**
   * Starts the slow part of `open()` early, as far as it needs no policies. Changes nothing, and keeps no process
   * alive.
   */
  prepare?(): void;
  /**
   * Opens the store, migrates it, locks it if necessary, and stores the redacted fields of the policies. In a store for
   * one process, operations that a dead process had claimed get the event `lost`, and so become due.
   *
   * @throws StoreOpenError whose message says what to do
   */
  open(options: StoreOpenOptions): Promise<void>;
  /** Waits for pending writes, and closes. Later calls reject with `store-unavailable`. */
  close(): Promise<void>;

  /**
   * Applies changes with the core's `reduceChange`. Returns one result for each, in order. An event for an operation that
   * is not the latest of its resource is refused with `resource-not-found`, like one for an unknown operation.
   *
   * @throws StaleClockError beyond `maxClockDriftMs`
   */
  apply(changes: readonly Change[], options?: ApplyOptions): Promise<readonly ApplyResult[]>;
  /**
   * Grants due operations, the longest due first, each at most once: a claim is a conditional update. Returns one array
   * per request.
   */
  claim(requests: readonly ClaimRequest[]): Promise<readonly (readonly GrantedOperation[])[]>;

  /**
   * Reads rows, tombstones included (`deletedAt`). They are never older than the last committed write of this process.
   */
  read(keys: readonly ResourceKey[]): Promise<readonly (Resource | undefined)[]>;
  /**
   * Reads one row synchronously. Undefined for a store that has to wait for another process.
   *
   * @throws StoreUnavailableError
   */
  readNow?(key: ResourceKey): Resource | undefined;
  /** Reads the rows whose latest operation has one of these ids. */
  readByOperation(operations: readonly string[]): Promise<readonly (Resource | undefined)[]>;
  /** Reads the stored replies of these keys. */
  readReplies(keys: readonly ReplyKey[]): Promise<readonly (IdempotentReply | undefined)[]>;
  /** Reads a page of at most `limit` rows. Tombstones are left out. */
  list(query: ListQuery): Promise<readonly Resource[]>;
  /**
   * Reads a page of at most `limit` rows by metadata, or by the instant of their change. It examines a limited number of
   * resources, so a page can be short or empty and still have a next one. Undefined for a store without such lists.
   */
  find?(query: FindQuery): Promise<FoundPage>;
  /** Reads the types of all stored resources, declared or not. */
  types(): Promise<readonly StoredType[]>;
  /** Reads a page of the history of a resource. */
  history(query: HistoryQuery): Promise<readonly SequencedHistoryEntry[]>;
  /** Reads the records of a root, without claiming the operation. */
  records(root: string): Promise<readonly StepRecord[]>;

  /**
   * Returns the earliest instant at which an operation of one of these types and kinds is due; undefined if none is
   * pending.
   */
  nextDueAt(slots: readonly Omit<ClaimSlots, "free">[]): Promise<number | undefined>;
  /** Reads operations that are past a limit at `at`, the longest overdue first. */
  overdue(at: number, limit: number): Promise<readonly OverdueOperation[]>;
  /** Returns the earliest instant at which an operation will be past a limit. */
  nextOverdueAt(): Promise<number | undefined>;
  /** Reads the resources in progress that one of these workers has claimed, or any worker if none are given. */
  claimedOperations(workers?: readonly string[]): Promise<readonly Resource[]>;
  /** Reads a page of the resources of these types that are in progress and unclaimed, the nearest limit first. */
  unclaimedInProgress(query: UnclaimedQuery): Promise<UnclaimedPage>;

  /** Removes a limited number of old rows. Returns how many; 0 once none are left. */
  purge(request: PurgeRequest): Promise<number>;

  /**
   * Takes a reading of the wall clock, and stores the clock of its `clockAdjustment`. If that has a step, the clock was
   * set: moves all instants of the operations in progress and of their records by it, so that sleeps, pauses, timeouts
   * and deadlines keep their remaining time. Atomic, so that a repeated reading moves nothing.
   */
  adjustToClock(reading: ClockReading): Promise<AdjustedClock>;
  /**
   * Commits a write that changes no value.
   *
   * @throws StoreUnavailableError with the reason, if the store cannot write: it is read-only or unreachable
   * @throws StoreFullError if its disk is full
   */
  checkWritable(): Promise<void>;
}

/**
 * Operations that take turns. Claims grant at most {@link TypePolicy.turnLimit} operations with the same turn at a time,
 * over all processes: the turn that waited longest first, and of each turn the operation that was accepted first.
 */
export interface StoreTurns {
  /** Returns the ids of due, unclaimed operations of a turn, in the order in which they are claimed. */
  queue(query: TurnQuery): Promise<readonly string[]>;
}

export interface TurnQuery {
  readonly type: string;
  readonly turn: string;
  readonly at: number;
  readonly limit: number;
}

/** Options of {@link Store.open}. */
export interface StoreOpenOptions {
  /** Policies of the declared types: limits and labels that the state machine applies. */
  readonly policies: Policies;
  /** Wall-clock instant of the opening. */
  readonly at: number;
  /**
   * Called when the store can no longer keep its guarantees, such as after an I/O error at commit. The process has to
   * end.
   */
  readonly onFatal: (error: unknown) => void;
  /**
   * Called with true when the disk of the store becomes full, and with false when there is room again. Until then,
   * writes that need room reject with {@link StoreFullError}, and reads succeed.
   */
  readonly onDiskFull?: ((isFull: boolean) => void) | undefined;
  /** Called with a warning for operators about the configuration, such as one that delays notices. */
  readonly onWarning?: ((message: string) => void) | undefined;
  /** Called if the opening itself adjusts the store to the clock, with the milliseconds by which it moved instants. */
  readonly onClockStep?: (movedMs: number) => void;
}

/** A history entry with its position. */
export interface SequencedHistoryEntry extends HistoryEntry {
  /** Grows within one resource. */
  readonly sequence: number;
}
