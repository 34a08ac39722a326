/** What the dashboard's page and its server say to each other. Types alone: the page imports no more of the server. */

import type { JsonSchema } from "../../core/json/schema.ts";

/** A resource in a line: what every type has, and nothing that only its own representation may show. */
export interface Summary {
  readonly path: string;
  readonly id: string;
  /** Distinguishes this creation from an earlier one under the same id. */
  readonly creation: string;
  /** Grows with everything that is shown. */
  readonly version: number;
  readonly status: string;
  /** To whom it belongs, where resources of several owners are shown. */
  readonly owner?: string;
  readonly createdAt: number;
  readonly updatedAt: number;
  readonly operation: OperationSummary;
  /** A whole number below 100. */
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
  /** How many of its attempts have failed. */
  readonly failures: number;
  readonly acceptedAt: number;
  readonly startedAt: number | null;
  readonly settledAt: number | null;
  readonly deadlineAt: number;
  /** When it goes on by itself, of one that waits or is to be tried again. */
  readonly dueAt: number | null;
  readonly awaiting: readonly string[];
}

export interface SummaryPage {
  readonly items: readonly Summary[];
  /** The cursor of the next page; absent at the end. */
  readonly next?: string;
  /** How far back was looked, where there is a next page. */
  readonly lookedBackTo?: number;
}

export interface TypeView {
  readonly name: string;
  readonly path: string;
  readonly title: string;
  /** False for a type that is declared no more: it can be read, and nothing else. */
  readonly isDeclared: boolean;
  readonly configuration: JsonSchema;
  readonly isUpdatable: boolean;
  readonly labels: { readonly ready: readonly string[]; readonly failed: string; readonly cancelled: string };
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
  /** There are more than `count`. */
  readonly isMore: boolean;
}

export interface Point {
  readonly at: number;
  readonly succeeded: number;
  readonly failed: number;
  readonly cancelled: number;
  /** How long those took that succeeded: half of them less than this. */
  readonly medianMs?: number;
  readonly p95Ms?: number;
}

export interface OverviewView {
  readonly now: number;
  readonly counts: readonly StatusCountView[];
  readonly pointMs: number;
  readonly from: number;
  /** Of the types of which everybody's resources are shown; absent where there is none. */
  readonly points?: readonly Point[];
}
