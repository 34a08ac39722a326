import type { Change } from "../../../core/change.ts";
import type { Policies } from "../../../core/policy.ts";
import type { TypeCount } from "../../../core/ports/reporting.ts";
import type { DurationSamples, SettledCount } from "../../../core/ports/statistics.ts";
import type { ApplyResult, ClaimRequest, GrantedOperation, PurgeRequest } from "../../../core/ports/store.ts";
import type { AdjustedClock, ClockReading } from "../../../core/scheduling/clock-step.ts";

/** A call of the main thread to the write thread. */
export type WriteCall =
  | { readonly call: "apply"; readonly changes: readonly Change[] }
  | { readonly call: "claim"; readonly requests: readonly ClaimRequest[] }
  | { readonly call: "save-durations"; readonly samples: readonly DurationSamples[] }
  | { readonly call: "add-settled"; readonly counts: readonly SettledCount[] }
  | { readonly call: "purge"; readonly request: PurgeRequest }
  | { readonly call: "count" }
  | { readonly call: "clock"; readonly reading: ClockReading }
  /** Writes a row without changing it. */
  | { readonly call: "check" };

/**
 * The reply to a call. `refused`: an entry was refused for its data, and the others of the call are applied. `full`:
 * the disk is full, so entries that need room were not tried, or nothing could be written. `unavailable`: nothing of
 * the call was applied.
 */
export type WriteReply =
  | { readonly result: "applied"; readonly applied: readonly ApplyResult[] }
  | { readonly result: "granted"; readonly granted: readonly (readonly GrantedOperation[])[] }
  | { readonly result: "saved" }
  | { readonly result: "purged"; readonly removed: number }
  | { readonly result: "counted"; readonly counts: readonly TypeCount[] }
  | ({ readonly result: "adjusted" } & AdjustedClock)
  | { readonly result: "refused"; readonly reason: string }
  | { readonly result: "unavailable"; readonly reason: string }
  | { readonly result: "full" };

/** The input of the write thread. */
export interface WriterSetup {
  readonly path: string;
  readonly policies: Policies;
  readonly at: number;
  /** Memory shared with the `RowVersions` of the reader. */
  readonly rowVersions: SharedArrayBuffer;
  /** Description of the process that opens the file, for the error of a second process. */
  readonly holder: string;
  /** Version of Afoot. */
  readonly version: string;
}

export type ToWriter =
  | { readonly message: "open"; readonly setup: WriterSetup }
  | { readonly message: "calls"; readonly calls: readonly WriteCall[] }
  | { readonly message: "close" };

export type FromWriter =
  /** `movedMs`: the milliseconds by which the opening moved instants, because the clock is behind. */
  | { readonly message: "open"; readonly movedMs: number }
  | { readonly message: "failed-to-open"; readonly code: string; readonly reason: string }
  /** Sent in the order of the groups of calls. */
  | { readonly message: "replies"; readonly replies: readonly WriteReply[] }
  /** Sent when the disk becomes full, and when there is room again. */
  | { readonly message: "disk"; readonly isFull: boolean }
  | { readonly message: "fatal"; readonly reason: string };
