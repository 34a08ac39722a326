import type { Change, IdempotentReply, RefusalCode } from "../change.ts";
import type { HistoryEntry } from "../history.ts";
import type { FieldPath } from "../json/edit-field.ts";
import type { Policies } from "../policy.ts";
import type { ReceivedMessage, Resource, ResourceKey, StepRecord } from "../resource.ts";
import type { StoreSharing } from "./change-feed.ts";
import type { ClaimSlots } from "./messages.ts";

export type { ClaimSlots } from "./messages.ts";

/** What came of one change. */
export interface ApplyResult {
  /** `replayed`: the Idempotency-Key was used before for the same request, `reply` is its answer and nothing was changed. */
  readonly outcome: "applied" | "unchanged" | "dropped" | "refused" | "replayed";
  readonly code?: RefusalCode;
  /** The row after the change; where nothing was changed, as it is. */
  readonly resource?: Resource;
  readonly reply?: IdempotentReply;
}

/** Returns the result of a change, which a store has to give for each. @throws RangeError if it is missing */
export function requireResult(result: ApplyResult | undefined): ApplyResult {
  if (result === undefined) throw new RangeError("the store returned no result for a change");
  return result;
}

export interface ClaimRequest {
  /** New at each start of a worker. */
  readonly worker: string;
  /** Grows with each claim of the worker; the same number again gets what is left of its grants, an older one nothing new. */
  readonly claim: number;
  readonly slots: readonly ClaimSlots[];
  readonly at: number;
}

/** An operation handed to a worker, with all that its attempt needs. */
export interface GrantedOperation {
  readonly resource: Resource;
  /** In the order in which the steps began. */
  readonly records: readonly StepRecord[];
  readonly received: readonly ReceivedMessage[];
}

export interface ListQuery {
  readonly type: string;
  /** Only resources that belong to this owner. */
  readonly owner?: string;
  /** Only these status labels. */
  readonly statuses?: readonly string[];
  /** Only resources after this one, in the order of the list. */
  readonly after?: ListPosition;
  readonly limit: number;
}

/** Where a page ends: lists run from the newest creation to the oldest, and by id within the same millisecond. */
export interface ListPosition {
  readonly createdAt: number;
  readonly id: string;
}

/** Types, and of whose resources of them. */
export interface SearchScope {
  readonly types: readonly string[];
  /** Only resources that belong to this owner. */
  readonly owner?: string;
}

/** What is looked for among resources of several types: newest first, and by id and type within the same millisecond. */
export interface SearchQuery {
  readonly scopes: readonly SearchScope[];
  /** Only these status labels. */
  readonly statuses?: readonly string[];
  /** Only resources with this text in their id, configuration, details or error as they are stored; letters A to Z in either case. */
  readonly text?: string;
  readonly after?: SearchPosition;
  readonly limit: number;
}

export interface SearchPosition extends ListPosition {
  readonly type: string;
}

export interface SearchPage {
  readonly resources: readonly Resource[];
  /** Where to go on; absent at the end. */
  readonly next?: SearchPosition;
}

/** How many resources one search looks at where it looks for a text, to which no index leads. */
export const SEARCH_BATCH = 2000;

/** How many resources show a label, as far as they were counted. */
export interface StatusCount {
  readonly type: string;
  readonly status: string;
  readonly count: number;
}

/** Operations of a type and kind that were settled alike in one period, and took about as long. */
export interface SettledCount {
  readonly periodMs: number;
  /** The beginning of the period, a multiple of its length since 1970. */
  readonly at: number;
  readonly type: string;
  readonly kind: string;
  readonly outcome: "succeeded" | "failed" | "cancelled";
  /** Which class of durations. */
  readonly bucket: number;
  readonly count: number;
}

/** Which counts of settled operations are wanted, and how finely. */
export interface SettledCountsQuery {
  readonly periodMs: number;
  /** Only periods that began then or later. */
  readonly from: number;
  readonly types: readonly string[];
  /** Only operations of this kind. */
  readonly kind?: string;
  /** What is added up: a multiple of the period. */
  readonly pointMs: number;
}

/** How many operations were settled alike in one stretch of time, of those that were asked for. */
export type SettledPoint = Pick<SettledCount, "at" | "outcome" | "bucket" | "count">;

export interface HistoryQuery {
  readonly key: ResourceKey;
  readonly limit: number;
  /** Only entries after this sequence number. */
  readonly after?: number;
}

/** An operation at which the reaper has to look. */
export interface OverdueOperation {
  readonly resource: Resource;
  /** The steps that are not undone yet. */
  readonly stepsNotUndone: readonly string[];
}

export interface UnclaimedQuery {
  readonly types: readonly string[];
  readonly limit: number;
  /** Only what comes after the page that gave it. */
  readonly after?: UnclaimedPosition;
}

/** Where a page ends. */
export interface UnclaimedPosition {
  readonly nextDeadlineAt: number;
  readonly row: number;
}

export interface UnclaimedPage {
  readonly resources: readonly Resource[];
  /** Undefined on the last page. */
  readonly next: UnclaimedPosition | undefined;
}

/** How many resources of a type are in progress, by state of their operation. */
export interface TypeCount {
  readonly type: string;
  readonly status: string;
  readonly state: string;
  readonly count: number;
}

/** How long operations took that succeeded, for the learned time remaining. */
export interface DurationSamples {
  readonly type: string;
  readonly kind: string;
  /** A point on the way: a step done, a progress reached; empty for the beginning. */
  readonly milestone: string;
  /** In milliseconds from the first claim: when the mark was reached, and when the operation was settled. The newest last. */
  readonly samples: readonly (readonly [reachedMs: number, settledMs: number])[];
}

/** A type as it was when it was last opened with. */
export interface StoredType {
  readonly name: string;
  /** What its policy said must not be shown, so that it stays so where nobody declares the type any more. */
  readonly redact: readonly FieldPath[];
}

/** How many samples of a mark a store keeps: the newest. */
export const MAX_SAMPLES = 200;

export interface PurgeRequest {
  /** Deleted resources whose deletion is older than this go, with their history. */
  readonly deletedBefore: number;
  /** History entries of settled resources older than this go. */
  readonly historyBefore: number;
  readonly idempotencyBefore: number;
  /** Of periods of this length, the counts of settled operations older than `before` go. */
  readonly statisticsBefore: readonly { readonly periodMs: number; readonly before: number }[];
  /** How many rows of each at most: a purge never holds up other writes for long. */
  readonly limit: number;
}

/**
 * The only truth: resources, records of steps, history, received messages, idempotency keys.
 *
 * Every method takes an array and may be called at any time by any number of callers; what arrives in the same turn of the event
 * loop shares one transaction. A promise of a write resolves after its commit is durable (fsync'd), or rejects with
 * `store-unavailable` when the outcome is unknown: every write is idempotent by ids chosen before the call, so repeat it as it is.
 * Entries of one call come to effect in their order. What a store could not hold, or not give back as it was (NUL, half a surrogate
 * pair, an instant that is no number), is refused: its call rejects with `store-refused`, once every other entry has come to effect.
 */
export interface Store {
  /** What it is, for logs and `/readyz`: `sqlite`, `postgres`. */
  readonly name: string;
  /** Absent from a store that one process at a time has open. */
  readonly sharing?: StoreSharing;

  /** Begins what an opening takes and needs no declaration for. Nothing is touched, and no process kept, before `open()`. */
  prepare?(): void;
  /**
   * Opens, migrates and locks what has to be, and keeps what the policies redact. Operations that a dead process of a one-process store held are lost by it, in the
   * sense of the state machine, and so due.
   *
   * @throws StoreOpenError with what to do
   */
  open(options: StoreOpenOptions): Promise<void>;
  /** Waits for what is being written, and closes. Later calls reject with `store-unavailable`. */
  close(): Promise<void>;

  /** Applies changes by the core's `fold`. One result for each, in order. */
  apply(changes: readonly Change[]): Promise<readonly ApplyResult[]>;
  /** Hands out due operations, oldest due first, at most once each: the claim is a conditional update. One array for each request. */
  claim(requests: readonly ClaimRequest[]): Promise<readonly (readonly GrantedOperation[])[]>;

  /** Reads rows, deleted ones included (`deletedAt`). Never older than the last committed write of this process. */
  read(keys: readonly ResourceKey[]): Promise<readonly (Resource | undefined)[]>;
  /** The same of one row, without waiting. Absent from a store that has to ask elsewhere. @throws StoreUnavailableError */
  readNow?(key: ResourceKey): Resource | undefined;
  /** The rows whose latest operation has one of these ids. */
  readByOperation(operations: readonly string[]): Promise<readonly (Resource | undefined)[]>;
  /** The answers given to these keys before. */
  readReplies(keys: readonly ReplyKey[]): Promise<readonly (IdempotentReply | undefined)[]>;
  /** Deleted resources left out. At most `limit` rows. */
  list(query: ListQuery): Promise<readonly Resource[]>;
  /**
   * A page of several types. Where a text is looked for, at most {@link SEARCH_BATCH} resources are looked at, so that a page may
   * hold few or none and still have a next one.
   */
  search(query: SearchQuery): Promise<SearchPage>;
  /** How many resources of these types show each label, counted up to `most` each; deleted ones left out. */
  statusCounts(query: SearchScope & { readonly max: number }): Promise<readonly StatusCount[]>;
  /** The types of which there is anything, declared or not. */
  types(): Promise<readonly StoredType[]>;
  history(query: HistoryQuery): Promise<readonly SequencedHistoryEntry[]>;
  /** What an attempt is given, without claiming it. */
  records(root: string): Promise<readonly StepRecord[]>;

  /** The earliest instant at which an operation of one of these types and kinds is due, if any is pending. */
  nextDueAt(places: readonly Omit<ClaimSlots, "free">[]): Promise<number | undefined>;
  /** Operations past a limit at `at`, the longest overdue first. */
  overdue(at: number, limit: number): Promise<readonly OverdueOperation[]>;
  /** The earliest instant at which an operation will be past a limit. */
  nextOverdueAt(): Promise<number | undefined>;
  /** Resources in progress whose attempt is held by one of these workers, or, without workers given, by any. */
  claimedOperations(workers?: readonly string[]): Promise<readonly Resource[]>;
  /** Resources of these types that are in progress and that no worker holds, the nearest limit first, page by page. */
  unclaimedInProgress(query: UnclaimedQuery): Promise<UnclaimedPage>;
  counts(): Promise<readonly TypeCount[]>;

  /** Adds samples to those kept. Repeated, they count twice, which a median does not mind. */
  saveDurations(samples: readonly DurationSamples[]): Promise<void>;
  durations(): Promise<readonly DurationSamples[]>;
  /** Adds to the counts that are kept; of those of one period, the sum. Repeated, they count twice. */
  addSettledCounts(counts: readonly SettledCount[]): Promise<void>;
  /** Adds up what was counted, the earliest first, then by outcome and class. */
  settledCounts(query: SettledCountsQuery): Promise<readonly SettledPoint[]>;
  /** Removes one step of what is old, and gives how many rows went: 0 once nothing is left to remove. */
  purge(request: PurgeRequest): Promise<number>;
}

export interface StoreOpenOptions {
  readonly policies: Policies;
  /** Wall-clock instant of the opening. */
  readonly at: number;
  /** Called when the store can no longer promise what it must (an I/O error at commit): the process has to end. */
  readonly onFatal: (error: unknown) => void;
}

export interface ReplyKey {
  readonly principal: string;
  readonly key: string;
}

export interface SequencedHistoryEntry extends HistoryEntry {
  /** Grows within one resource. */
  readonly sequence: number;
}
