import type { JsonText } from "./json/json.ts";
import type { Operation, OperationError } from "./operation.ts";

/** Names one resource. */
export interface ResourceKey {
  readonly type: string;
  readonly id: string;
}

/** Returns the text form of a key, unique among all resources: `virtual-machine/0af7`. Neither part can hold a slash. */
export function resourceKeyText({ type, id }: ResourceKey): string {
  return `${type}/${id}`;
}

/** A resource as stored: one row, which is also the job. */
export interface Resource extends ResourceKey {
  /** Distinguishes this creation from an earlier one under the same id. */
  readonly creation: string;
  /** Grows with configuration, status label and details. What If-Match compares. */
  readonly edit: number;
  /** Grows with everything a representation shows. What held GETs wait for. */
  readonly version: number;
  /** To whom it belongs; null where nobody is told apart. */
  readonly owner: string | null;
  readonly createdAt: number;
  readonly updatedAt: number;
  /** The label shown. */
  readonly status: string;
  /** The label to go back to; null before a create has settled. */
  readonly settledStatus: string | null;
  /** The configuration of the last success; of a create, the one asked for. */
  readonly configuration: JsonText;
  /** The same as the client sent it, onto which a PATCH is merged. */
  readonly rawConfiguration: JsonText;
  /** The details of the last success, an object; `{}` before. */
  readonly details: JsonText;
  readonly error: OperationError | null;
  readonly operation: Operation;
  /** Set on what is left of a deleted resource, so that a GET can tell deleted from unknown for a while. */
  readonly deletedAt: number | null;
}

/** What a step, sleep, until or receive came to. Belongs to the operation's root, so that a retry inherits it. */
export interface StepRecord {
  readonly step: string;
  readonly state: "started" | "done" | "failed" | "undone";
  /** What the step returned; null where it returned nothing or has not. Of a wait that is started: how long it takes. */
  readonly result: JsonText | null;
  readonly error: OperationError | null;
  /** Whether the step declares an `undo`. */
  readonly undo: boolean;
  /** The order in which steps began, 1 for the first. */
  readonly position: number;
  /** How often the step was undone: part of its idempotency key, which so differs after an undo. */
  readonly generation: number;
  readonly at: number;
}

/** A message posted to a resource, one of those its type declares in `receives`. */
export interface ReceivedMessage {
  /** Chosen by who posted it: the same id is stored once. */
  readonly id: string;
  readonly name: string;
  readonly value: JsonText;
  /** 1 for the first of its operation. */
  readonly position: number;
  readonly at: number;
}

/** What is shown of the configuration: the target while an operation is in progress, which after success is the resource's own. */
export function shownConfiguration(resource: Resource): JsonText {
  return resource.operation.settledAt === null ? resource.operation.configuration : resource.configuration;
}

export function shownDetails(resource: Resource): JsonText {
  return (resource.operation.settledAt === null ? resource.operation.details : null) ?? resource.details;
}
