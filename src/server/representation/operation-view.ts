import { isAwaitedChild } from "../../core/children/parent-link.ts";
import type { HistoryEntry } from "../../core/history.ts";
import type { Operation, OperationError } from "../../core/operation.ts";
import type { Resource } from "../../core/resource.ts";
import type { HttpRequest } from "../http/exchange.ts";
import { wholePercent } from "./representation.ts";

/** An operation as read by clients of the status monitor pattern. */
export interface OperationView {
  readonly id: string;
  readonly status: "Running" | "Succeeded" | "Failed" | "Canceled";
  readonly percentComplete?: number;
  readonly error?: { readonly code: string; readonly message: string };
  readonly resource: string;
  /** Instant at which it was accepted. */
  readonly createdAt: string;
  /** Instant of its last change. */
  readonly updatedAt: string;
  /** The messages that it waits for. Absent if there are none. */
  readonly awaiting?: readonly AwaitedMessage[];
}

/** A message that an operation waits for. */
export interface AwaitedMessage {
  readonly name: string;
  /** 1 for the first message of this name, and so on: different for every message of an operation. */
  readonly number: number;
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
  { operation, error, updatedAt }: Resource,
  resource: string,
  awaiting: readonly AwaitedMessage[] = [],
): OperationView {
  const { id, state, progress, acceptedAt, settledAt } = operation;
  const shared = { id, resource, ...instants(acceptedAt, settledAt ?? updatedAt) };
  if (state !== "succeeded" && state !== "failed" && state !== "cancelled") {
    const view = runningView(shared, progress ?? 0);
    return awaiting.length === 0 ? view : { ...view, awaiting };
  }
  return settledView(shared, state, error);
}

/** Returns the view of a delete that starts once the operation in progress is settled. */
export function requestedView(id: string, { updatedAt }: Resource, resource: string): OperationView {
  return runningView({ id, resource, ...instants(updatedAt, updatedAt) });
}

/** Returns true while messages that work waits for would reach it. */
export function awaitsMessages({ awaitedMessages: names, state }: Operation): boolean {
  return state !== "cancelling" && !names.every(isAwaitedChild);
}

/** Returns the messages that an operation waits for, numbered after those of the same name in its history. */
export function awaitedMessages(
  { id, awaitedMessages: names }: Operation,
  entries: readonly HistoryEntry[],
): readonly AwaitedMessage[] {
  const received = entries.filter(({ operation, event }) => operation === id && event === "received");
  const messages = names.filter((name) => !isAwaitedChild(name));
  return messages.map((name) => ({ name, number: received.filter(({ step }) => step === name).length + 1 }));
}

/** Returns the view of an earlier operation of a resource, from its history. */
export function viewFromHistory(
  id: string,
  entries: readonly HistoryEntry[],
  resource: string,
): OperationView | undefined {
  const own = entries.filter(({ operation }) => operation === id);
  if (own.length === 0) return undefined;
  const shared = { id, resource, ...instants(own[0]?.at ?? 0, own.at(-1)?.at ?? 0) };
  for (const { event, error } of own) {
    if (event === "deleted") return settledView(shared, "succeeded", null);
    if (event === "succeeded" || event === "failed" || event === "cancelled") {
      return settledView(shared, event, error ?? null);
    }
  }
  return runningView(shared);
}

/** The fields that every view has. */
type SharedFields = Pick<OperationView, "id" | "resource" | "createdAt" | "updatedAt">;

function instants(createdAt: number, updatedAt: number): Pick<OperationView, "createdAt" | "updatedAt"> {
  return { createdAt: new Date(createdAt).toISOString(), updatedAt: new Date(updatedAt).toISOString() };
}

function runningView({ id, ...shared }: SharedFields, progress = 0): OperationView {
  return { id, status: "Running", percentComplete: wholePercent(progress), ...shared };
}

function settledView(
  { id, ...shared }: SharedFields,
  state: keyof typeof STATUSES,
  error: OperationError | null,
): OperationView {
  return {
    id,
    status: STATUSES[state],
    ...(state === "succeeded" ? { percentComplete: 100 } : {}),
    ...(error === null ? {} : { error: { code: error.code, message: error.detail } }),
    ...shared,
  };
}
