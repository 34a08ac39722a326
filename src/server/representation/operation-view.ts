import type { HistoryEntry } from "../../core/history.ts";
import type { Operation, OperationError } from "../../core/operation.ts";
import type { HttpRequest } from "../http/exchange.ts";
import { wholePercent } from "./representation.ts";

/** An operation as read by clients of the status monitor pattern. */
export interface OperationView {
  readonly id: string;
  readonly status: "Running" | "Succeeded" | "Failed" | "Canceled";
  readonly percentComplete?: number;
  readonly error?: { readonly code: string; readonly message: string };
  readonly resource: string;
}

const STATUSES = { succeeded: "Succeeded", failed: "Failed", cancelled: "Canceled" } as const;

/**
 * Returns the absolute URL of an operation. It names the resource too, whose history has the operation after the next
 * one starts.
 */
export function operationUrl(
  { publicUrl, basePath }: { readonly publicUrl?: string | undefined; readonly basePath: string },
  request: Pick<HttpRequest, "origin">,
  operation: string,
  location: string,
): string {
  const origin = publicUrl ?? request.origin() ?? "";
  return `${origin}${basePath}/operations/${operation}?resource=${location.slice(basePath.length + 1)}`;
}

/** Returns the view of the latest operation of a resource. */
export function currentView(
  { id, state, progress }: Operation,
  error: OperationError | null,
  resource: string,
): OperationView {
  if (state !== "succeeded" && state !== "failed" && state !== "cancelled") {
    return { id, status: "Running", percentComplete: wholePercent(progress ?? 0), resource };
  }
  return settledView(id, state, error, resource);
}

/** Returns the view of an earlier operation of a resource, from its history. */
export function viewFromHistory(
  id: string,
  entries: readonly HistoryEntry[],
  resource: string,
): OperationView | undefined {
  const own = entries.filter(({ operation }) => operation === id);
  if (own.length === 0) return undefined;
  for (const { event, error } of own) {
    if (event === "deleted") return settledView(id, "succeeded", null, resource);
    if (event === "succeeded" || event === "failed" || event === "cancelled") {
      return settledView(id, event, error ?? null, resource);
    }
  }
  return { id, status: "Running", percentComplete: 0, resource };
}

function settledView(
  id: string,
  state: keyof typeof STATUSES,
  error: OperationError | null,
  resource: string,
): OperationView {
  return {
    id,
    status: STATUSES[state],
    ...(state === "succeeded" ? { percentComplete: 100 } : {}),
    ...(error === null ? {} : { error: { code: error.code, message: error.detail } }),
    resource,
  };
}
