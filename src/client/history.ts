import type { HistoryEventName } from "../core/history.ts";
import type { ResourceError } from "./following/state.ts";

/** One line of a resource's timeline. */
export interface HistoryLine {
  /** ISO 8601. */
  readonly at: string;
  readonly event: HistoryEventName;
  readonly operation: string;
  readonly kind: string;
  readonly attempt: number;
  readonly status?: string;
  readonly step?: string;
  readonly error?: ResourceError;
}
