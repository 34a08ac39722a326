/** Messages between the dashboard page and its server. Types only: the page imports nothing else of the server. */

import type { JsonSchema } from "../../core/json/schema.ts";

/** One resource as a row of the list: fields common to all types, without any type-specific (possibly redacted) field. */
export interface Summary {
  readonly path: string;
  readonly id: string;
  /** Distinguishes this creation from an earlier one under the same id. */
  readonly creation: string;
  /** Increases with every visible change. */
  readonly version: number;
  readonly status: string;
  /** Owner of the resource, if resources of several owners are shown. */
  readonly owner?: string;
  readonly createdAt: number;
  readonly updatedAt: number;
  /** Pairs that the client attached; absent if there are none. */
  readonly metadata?: Readonly<Record<string, string>>;
  readonly operation: OperationSummary;
  /** Progress as an integer below 100. */
  readonly percent?: number;
  readonly remainingMs?: number;
  readonly error?: {
    readonly code: string;
    readonly title: string;
    readonly detail: string;
    readonly retryable: boolean;
  };
}

export interface OperationSummary {
  readonly id: string;
  readonly kind: string;
  readonly state: string;
  readonly attempt: number;
  /** Number of failed attempts. */
  readonly failures: number;
  readonly acceptedAt: number;
  readonly startedAt: number | null;
  readonly settledAt: number | null;
  readonly deadlineAt: number;
  /** Time at which a waiting or retried operation continues by itself. */
  readonly dueAt: number | null;
  readonly awaiting: readonly string[];
}

export interface SummaryPage {
  readonly items: readonly Summary[];
  /** The cursor of the next page; absent at the end. */
  readonly next?: string;
  /** Creation time of the oldest resource searched so far, if there is a next page. */
  readonly searchedBackTo?: number;
}

export interface TypeView {
  readonly name: string;
  readonly path: string;
  readonly title: string;
  /** False for a type that is no longer declared: its resources are read-only. */
  readonly isDeclared: boolean;
  /** True if clients create its resources. */
  readonly isCreatable: boolean;
  readonly configuration: JsonSchema;
  readonly isUpdatable: boolean;
  readonly labels: {
    readonly ready: readonly string[];
    readonly failed: string;
    readonly cancelled: string;
    readonly cancelling: string;
  };
  readonly operations: readonly { readonly kind: string; readonly status: string }[];
  readonly actions: readonly { readonly name: string; readonly status: string; readonly input?: JsonSchema }[];
  readonly messages: readonly { readonly name: string; readonly value: JsonSchema }[];
}

export interface TypesView {
  readonly types: readonly TypeView[];
}

export interface StatusCountView {
  readonly path: string;
  readonly status: string;
  readonly count: number;
  /** True if there are more than `count`. */
  readonly isMore: boolean;
}

export interface Point {
  readonly at: number;
  readonly succeeded: number;
  readonly failed: number;
  readonly cancelled: number;
  /** Median duration of the operations that succeeded. */
  readonly medianMs?: number;
  readonly p95Ms?: number;
}

export interface OverviewView {
  readonly now: number;
  readonly counts: readonly StatusCountView[];
  readonly pointMs: number;
  readonly from: number;
  /** Statistics of the types whose resources of all owners are visible; absent if there is none. */
  readonly points?: readonly Point[];
}
