import type { HistoryEntry } from "../../core/history.ts";
import type { Operation, OperationError } from "../../core/operation.ts";
import type { EndpointContext } from "../context.ts";
import type { HttpRequest } from "../http/exchange.ts";
import { wholePercent } from "./representation.ts";

/** An operation as clients of the status-monitor style read it. */
export interface OperationView {
  readonly id: string;
  readonly status: "Running" | "Succeeded" | "Failed" | "Canceled";
  readonly percentComplete?: number;
  readonly error?: { readonly code: string; readonly message: string };
  readonly resource: string;
}

const STATUSES = { succeeded: "Succeeded", failed: "Failed", cancelled: "Canceled" } as const;

/** The absolute URL of an operation. It names the resource too, in whose history an operation stays known when the next one has begun. */
export function operationUrl(
  { options }: EndpointContext,
  request: HttpRequest,
  operation: string,
  location: string,
): string {
  const origin = options.publicUrl ?? request.origin() ?? "";
  return `${origin}${options.basePath}/operations/${operation}?resource=${location.slice(options.basePath.length + 1)}`;
}

/** The view of the operation that a row holds. */
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

/** The view of an earlier operation of the same resource, from its timeline. */
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
