import type { HistoryEventName } from "../core/history.ts";
import type { ResourceError } from "./following/state.ts";

/** One entry of a resource's history. */
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
