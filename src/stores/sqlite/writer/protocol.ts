import type { Change } from "../../../core/change.ts";
import type { Policies } from "../../../core/policy.ts";
import type {
  ApplyResult,
  ClaimRequest,
  DurationSamples,
  GrantedOperation,
  PurgeRequest,
  SettledCount,
  TypeCount,
} from "../../../core/ports/store.ts";

/** What the main thread asks of the write thread. */
export type WriteCall =
  | { readonly call: "apply"; readonly changes: readonly Change[] }
  | { readonly call: "claim"; readonly requests: readonly ClaimRequest[] }
  | { readonly call: "save-durations"; readonly samples: readonly DurationSamples[] }
  | { readonly call: "add-settled"; readonly counts: readonly SettledCount[] }
  | { readonly call: "purge"; readonly request: PurgeRequest }
  | { readonly call: "count" };

/**
 * `refused`: an entry was refused for its data; the others of the call are applied. `unavailable`: nothing of the call was
 * applied.
 */
export type WriteReply =
  | { readonly answer: "applied"; readonly applied: readonly ApplyResult[] }
  | { readonly answer: "granted"; readonly granted: readonly (readonly GrantedOperation[])[] }
  | { readonly answer: "saved" }
  | { readonly answer: "purged"; readonly gone: number }
  | { readonly answer: "counted"; readonly counts: readonly TypeCount[] }
  | { readonly answer: "refused"; readonly reason: string }
  | { readonly answer: "unavailable"; readonly reason: string };

/** What the write thread starts with. */
export interface WriterSetup {
  readonly path: string;
  readonly policies: Policies;
  readonly at: number;
  /** Of `RowMarks`. */
  readonly rowVersions: SharedArrayBuffer;
  /** Who opens the file, for the message to a second process. */
  readonly holder: string;
  /** Of Afoot. */
  readonly version: string;
}

export type ToWriter =
  | { readonly message: "open"; readonly setup: WriterSetup }
  | { readonly message: "calls"; readonly calls: readonly WriteCall[] }
  | { readonly message: "close" };

export type FromWriter =
  | { readonly message: "open" }
  | { readonly message: "failed-to-open"; readonly code: string; readonly reason: string }
  /** In the order of the groups of calls. */
  | { readonly message: "answers"; readonly answers: readonly WriteReply[] }
  | { readonly message: "fatal"; readonly reason: string };
