import type { Change } from "../../core/change.ts";
import type { TypePolicy } from "../../core/policy.ts";
import type { Applied, ClaimRequest, DurationSamples, Granted, PurgeRequest, TypeCount } from "../../core/store.ts";

/** What the main thread asks of the write thread: entries, each with its result, in order. */
export interface WriteCalls {
  apply: { entry: Change; result: Applied };
  claim: { entry: ClaimRequest; result: readonly Granted[] };
  saveDurations: { entry: DurationSamples; result: undefined };
  purge: { entry: PurgeRequest; result: number };
  counts: { entry: undefined; result: readonly TypeCount[] };
}

export type CallName = keyof WriteCalls;

export type WriteCall = {
  [Name in CallName]: { readonly call: Name; readonly entries: readonly WriteCalls[Name]["entry"][] };
}[CallName];

/**
 * `results`: one for each entry. `refused`: an entry was refused for its data; the others of the call are applied.
 * `unavailable`: nothing of the call was applied.
 */
export type Answer =
  | { readonly answer: "results"; readonly results: readonly unknown[] }
  | { readonly answer: "refused"; readonly message: string }
  | { readonly answer: "unavailable"; readonly message: string };

/** What the write thread starts with. */
export interface WriterSetup {
  readonly path: string;
  readonly policies: ReadonlyMap<string, TypePolicy>;
  readonly at: number;
  /** Who opens the file, for the message to a second process. */
  readonly holder: string;
  /** Of Afoot. */
  readonly version: string;
}

export type ToWriter =
  | { readonly message: "calls"; readonly calls: readonly WriteCall[] }
  | { readonly message: "close" };

export type FromWriter =
  | { readonly message: "open" }
  | { readonly message: "failed-to-open"; readonly code: string; readonly text: string }
  /** In the order of the groups of calls. */
  | { readonly message: "answers"; readonly answers: readonly Answer[] }
  | { readonly message: "fatal"; readonly text: string }
  | { readonly message: "closed" };
