import type { ResourceType } from "../../core/definition/resource-type.ts";
import type { Retention } from "../../server/storage/purger.ts";
import { formRequest } from "../form.ts";
import type { ShownOperation } from "./operation.ts";
import { taskIdOf, type TaskReference } from "./task-id.ts";

/** The fields of every task. */
export interface Task {
  readonly taskId: string;
  readonly status: "working" | "input_required" | "completed" | "failed" | "cancelled";
  readonly statusMessage?: string;
  readonly createdAt: string;
  readonly lastUpdatedAt: string;
  readonly ttlMs: number | null;
  readonly pollIntervalMs?: number;
}

/** The answer to a call that started an operation. */
export interface CreatedTask extends Task {
  readonly resultType: "task";
  readonly [field: string]: unknown;
}

/** Returns the fields of a task that do not depend on its state. */
export function taskFields(
  reference: TaskReference,
  { createdAt, updatedAt, retryAfter }: ShownOperation,
  retention: Retention,
): Omit<Task, "status"> {
  return {
    taskId: taskIdOf(reference),
    createdAt,
    lastUpdatedAt: updatedAt,
    ttlMs: ttlMs(retention),
    ...(retryAfter === undefined ? {} : { pollIntervalMs: Math.round(retryAfter * 1000) }),
  };
}

/** Minimum time for which a task can be read: its history may be purged, or its resource deleted. */
function ttlMs({ historyMs, deletedMs }: Retention): number | null {
  const ms = Math.min(historyMs, deletedMs);
  return Number.isFinite(ms) ? Math.max(1, Math.floor(ms)) : null;
}

/** Returns one line about a resource in progress: `Provisioning, 50%, 1 minute left`. */
export function statusMessage(
  { representation: format }: ResourceType,
  shown: Readonly<Record<string, unknown>>,
): string {
  const { status, progress, estimatedTimeRemaining: time } = shown;
  const parts = [
    textOf(status),
    typeof progress === "number" ? `${Math.round(progress * 100)}%` : textOf(progress),
    time === undefined ? "" : `${textOf(time)}${format.time === "seconds" ? " s" : ""} left`,
  ];
  return parts.filter((part) => part !== "").join(", ");
}

function textOf(value: unknown): string {
  return typeof value === "string" || typeof value === "number" ? String(value) : "";
}

/** Returns the key of a message that an operation waits for. Each message of a task has another one. */
export function inputKey({ name, number }: { readonly name: string; readonly number: number }): string {
  return `${name}-${number}`;
}

/** Returns forms by key for the messages that an operation waits for. A message that nests can only be sent by its tool. */
export function inputRequests(
  type: ResourceType,
  { awaiting }: ShownOperation,
  shown: Readonly<Record<string, unknown>>,
): Readonly<Record<string, unknown>> {
  const forms = awaiting.flatMap((message) => {
    const schema = type.receives.get(message.name)?.input;
    if (schema === undefined) return [];
    const { description } = schema;
    const text =
      typeof description === "string"
        ? description
        : `The ${type.name.replaceAll("-", " ")} waits for ${message.name}.`;
    const form = formRequest(`${String(shown["status"])}: ${text}`, schema);
    return form === undefined ? [] : [[inputKey(message), form] as const];
  });
  return Object.fromEntries(forms);
}
