// The parts for a store of one's own: the port, and the logic that all stores share.
export type { AcceptChange, Change, EventChange, IdempotentReply } from "../core/change.ts";
export { AfootError, StaleClockError, StoreFullError, StoreOpenError, StoreUnavailableError } from "../core/errors.ts";
export type { HistoryEntry } from "../core/history.ts";
export { moveInstants } from "../core/state-machine/move-instants.ts";
export { isInProgress, nextDeadlineAt } from "../core/operation.ts";
export type { Policies, TypePolicy } from "../core/policy.ts";
export type { StoreSharing } from "../core/ports/change-feed.ts";
export type { StoreReporting } from "../core/ports/reporting.ts";
export { type FindPosition, type FindQuery, type FoundPage, matchesFilter } from "../core/ports/finding.ts";
export type {
  ApplyResult,
  ClaimRequest,
  ClaimSlots,
  GrantedOperation,
  HistoryQuery,
  ListQuery,
  OverdueOperation,
  PurgeRequest,
  ReplyKey,
  SequencedHistoryEntry,
  Store,
  StoredType,
  StoreOpenOptions,
  UnclaimedPage,
  UnclaimedQuery,
} from "../core/ports/store.ts";
export type { ReceivedMessage, Resource, ResourceKey, StepRecord } from "../core/resource.ts";
export {
  type AdjustedClock,
  type ClockAdjustment,
  clockAdjustment,
  type ClockReading,
  type ClockStep,
  type StoredClock,
} from "../core/scheduling/clock-step.ts";
export { ReplySize } from "../core/state-machine/size.ts";
export { applyChange, claimRow, type Tables, type TransactionRow } from "./apply-change.ts";
export { COLUMNS, resourceOf, valuesOf } from "./resource-row.ts";
export { type ColumnValue, type RowValues, toStorable, UnstorableValue } from "./values.ts";
