import type { EndMessage, Grant, ProgressMessage, RecordMessage, RecordReply } from "../../core/ports/messages.ts";
import type { AbortCode } from "../attempt/abort.ts";

/** Messages of a worker to an isolated process. `run` is the number of the attempt in this process. */
export type ToChild =
  | { readonly kind: "run"; readonly run: number; readonly grant: Grant; readonly sinceGrantMs: number }
  | { readonly kind: "abort"; readonly run: number; readonly code: AbortCode }
  | { readonly kind: "hand-back"; readonly run: number }
  | { readonly kind: "flush"; readonly run: number; readonly call: number }
  | { readonly kind: "recorded"; readonly call: number; readonly reply: RecordReply };

/** Messages of an isolated process to its worker. */
export type FromChild =
  | { readonly kind: "ready" }
  /** Sent while the event loop is responsive. */
  | { readonly kind: "alive" }
  | { readonly kind: "record"; readonly run: number; readonly call: number; readonly message: RecordMessage }
  | { readonly kind: "progress"; readonly run: number; readonly message: ProgressMessage }
  | { readonly kind: "flushed"; readonly call: number }
  | { readonly kind: "end"; readonly run: number; readonly end?: EndMessage | undefined }
  | {
      readonly kind: "log";
      readonly level: "debug" | "info" | "warn" | "error";
      readonly fields: object;
      readonly message: string;
    };

/** Interval between `alive` messages. */
export const ALIVE_INTERVAL_MS = 1000;
