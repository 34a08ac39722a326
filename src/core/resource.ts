import type { JsonText } from "./json/json.ts";
import type { Operation, OperationError } from "./operation.ts";

/** Identifies one resource. */
export interface ResourceKey {
  readonly type: string;
  readonly id: string;
}

/**
 * Returns the text form of a key, unique among all resources: `virtual-machine/0af7`. Neither part can hold a slash.
 */
export function resourceKeyText({ type, id }: ResourceKey): string {
  return `${type}/${id}`;
}

/** The parent of a resource that work created with `child`. */
export interface ParentLink extends ResourceKey {
  /** The name that the work gave the child. */
  readonly name: string;
  /** 1 for a child of a resource that has no parent itself. */
  readonly depth: number;
  /** The try of the parent's operation that began or repeated the operation of the child. */
  readonly madeBy: string;
}

/** A resource as stored: one row that is also the job. */
export interface Resource extends ResourceKey {
  /** Id of the create operation. Distinguishes the resource from an earlier one with the same id. */
  readonly creation: string;
  /** Grows with configuration, status label, details and metadata. If-Match compares it. */
  readonly edit: number;
  /** Grows with everything that a representation shows. Long polls wait for it to grow. */
  readonly version: number;
  /** Principal who owns the resource; null without authentication. */
  readonly owner: string | null;
  /** The resource whose work created this one; null if a client did. */
  readonly parent: ParentLink | null;
  readonly createdAt: number;
  readonly updatedAt: number;
  /** The label shown to clients. */
  readonly status: string;
  /** The label to return to after an operation that changes nothing; null before the create has settled. */
  readonly settledStatus: string | null;
  /** The configuration of the last success; during the create, the requested one. */
  readonly configuration: JsonText;
  /** The configuration as the client sent it. A PATCH is merged into it. */
  readonly rawConfiguration: JsonText;
  /** The details of the last success, an object; `{}` before. */
  readonly details: JsonText;
  /** Pairs of strings that clients attach, as an object sorted by key; null if there are none. */
  readonly metadata: JsonText | null;
  readonly error: OperationError | null;
  /** URL that gets an event when an operation is settled, chosen by the client; null if none. Never shown. */
  readonly webhook: string | null;
  readonly operation: Operation;
  /** Set on the tombstone of a deleted resource, so that a GET can distinguish deleted from unknown for a while. */
  readonly deletedAt: number | null;
}

/** Maximum length of the JSON texts of the resources of one page, in characters. A page of large resources is short. */
export const MAX_PAGE_LENGTH = 4 * 1024 * 1024;

/** Returns the length of the JSON texts that a representation can show. */
export function lengthOf({ configuration, details, metadata, operation }: Resource): number {
  const stored = configuration.length + details.length + (metadata?.length ?? 0);
  return Math.max(stored, operation.configuration.length + (operation.details?.length ?? 0));
}

/**
 * The recorded result of a step, sleep, until or receive. It belongs to the operation's root, so a retry inherits it.
 */
export interface StepRecord {
  readonly step: string;
  readonly state: "started" | "done" | "failed" | "undone";
  /** The value that the step returned; null if none. For a started wait, its duration. */
  readonly result: JsonText | null;
  readonly error: OperationError | null;
  /** True if the step declares an `undo`. */
  readonly undo: boolean;
  /** Order in which the steps began, from 1. */
  readonly position: number;
  /** Number of times the step was undone. Part of its idempotency key, which changes after an undo. */
  readonly generation: number;
  readonly at: number;
}

/** A message posted to a resource. Its type declares the name in `receives`. */
export interface ReceivedMessage {
  /** Id chosen by the sender. A repetition with the same id is stored once. */
  readonly id: string;
  readonly name: string;
  readonly value: JsonText;
  /** Order of arrival within its operation, from 1. */
  readonly position: number;
  readonly at: number;
}

/** Returns the configuration to show: the operation's target while it is in progress, else the resource's own. */
export function shownConfiguration(resource: Resource): JsonText {
  return resource.operation.settledAt === null ? resource.operation.configuration : resource.configuration;
}

/** Returns the details to show: those reported by the operation in progress, if any, else the resource's own. */
export function shownDetails(resource: Resource): JsonText {
  return (resource.operation.settledAt === null ? resource.operation.details : null) ?? resource.details;
}
