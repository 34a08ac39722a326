import type { EndMessage, Grant, ProgressMessage, RecordMessage, RecordReply } from "../../core/ports/messages.ts";
import type { AbortCode } from "../attempt/abort.ts";

/** What a worker says to a process of isolated work. `run` numbers the attempt among those of the worker. */
export type ToChild =
  | { readonly say: "run"; readonly run: number; readonly grant: Grant; readonly heldMs: number }
  | { readonly say: "abort"; readonly run: number; readonly code: AbortCode }
  | { readonly say: "flush"; readonly run: number; readonly call: number }
  | { readonly say: "recorded"; readonly call: number; readonly reply: RecordReply };

/** What a process of isolated work says to its worker. */
export type FromChild =
  | { readonly say: "ready" }
  /** Its event loop turns. */
  | { readonly say: "alive" }
  | { readonly say: "record"; readonly run: number; readonly call: number; readonly message: RecordMessage }
  | { readonly say: "progress"; readonly run: number; readonly message: ProgressMessage }
  | { readonly say: "flushed"; readonly call: number }
  | { readonly say: "end"; readonly run: number; readonly end?: EndMessage | undefined }
  | {
      readonly say: "log";
      readonly level: "debug" | "info" | "warn" | "error";
      readonly fields: object;
      readonly message: string;
    };

/** How often a process of isolated work says that its event loop turns. */
export const ALIVE_MS = 1000;
