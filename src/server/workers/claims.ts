import type { ResourceType } from "../../core/definition/resource-type.ts";
import { isAfootError } from "../../core/errors.ts";
import { effectiveDeadlineAt } from "../../core/operation.ts";
import { kindPolicyOf, policyOf, type Policies } from "../../core/policy.ts";
import type { ClaimMessage, ClaimReply, Grant } from "../../core/ports/messages.ts";
import type { ClaimRequest, GrantedOperation, Store } from "../../core/ports/store.ts";
import type { Clock } from "../../core/scheduling/clock.ts";
import { createGrantedChildren } from "../children/granted-children.ts";
import type { OperationTelemetry } from "../telemetry/operation-telemetry.ts";

export interface GrantingParts {
  readonly store: Store;
  readonly types: readonly ResourceType[];
  readonly policies: Policies;
  readonly telemetry: Pick<OperationTelemetry, "onClaimed">;
}

/** Converts claimed operations to grants, each with everything that its attempt needs. */
export type Granting = (granted: readonly GrantedOperation[], at: number) => Promise<readonly Grant[]>;

export function createGranting({ store, types, policies, telemetry }: GrantingParts): Granting {
  const addChildren = createGrantedChildren(store, types);
  return async (granted, at) => {
    const grants = granted.map(
      (each) => [grantOf(each, policies, telemetry.onClaimed(each.resource, at)), each] as const,
    );
    if (addChildren === undefined) return grants.map(([grant]) => grant);
    return Promise.all(grants.map(async (each) => addChildren(...each)));
  };
}

export interface ClaimsParts {
  readonly store: Pick<Store, "claim" | "nextDueAt">;
  readonly clock: Clock;
  readonly granting: Granting;
}

/** Creates the handler of claim requests: grants due operations. */
export function createClaims({ store, clock, granting }: ClaimsParts): (message: ClaimMessage) => Promise<ClaimReply> {
  return async ({ worker, claim, slots }) => {
    const at = clock.now();
    const granted = await claimDue(store, { worker, claim, slots, at });
    if (granted === undefined) return { grants: [], nextDueMs: FULL_PAUSE_MS };
    const grants = await granting(granted, at);
    const free = slots.reduce((sum, slot) => sum + slot.free, 0);
    if (grants.length >= free) return { grants };
    const dueAt = await store.nextDueAt(slots);
    return dueAt === undefined ? { grants } : { grants, nextDueMs: Math.max(0, dueAt - clock.now()) };
  };
}

/** Pause between claims while the disk of the store is full. */
const FULL_PAUSE_MS = 5000;

/** Claims due operations. Returns undefined if the disk of the store is full: then they stay due. */
async function claimDue(
  store: Pick<Store, "claim">,
  request: ClaimRequest,
): Promise<readonly GrantedOperation[] | undefined> {
  try {
    const [granted = []] = await store.claim([request]);
    return granted;
  } catch (error) {
    if (isAfootError(error) && error.code === "store-full") return undefined;
    throw error;
  }
}

/** Converts a claimed operation to the grant for its attempt. */
export function grantOf(
  { resource, records, received }: GrantedOperation,
  policies: Policies,
  traceparent: string | null,
): Grant {
  const { type, id, operation, owner } = resource;
  const policy = kindPolicyOf(policyOf(policies, type), operation.kind);
  return {
    operation: operation.id,
    root: operation.root,
    type,
    id,
    kind: operation.kind,
    attempt: operation.attempt,
    failures: operation.failures,
    configuration: operation.configuration,
    previousConfiguration: operation.kind === "create" ? null : resource.configuration,
    details: resource.details,
    input: operation.input,
    progress: operation.progress,
    status: resource.status,
    records,
    received,
    mode: operation.state === "undoing" ? "undo" : "forward",
    isolated: operation.isolated,
    timeoutMs: policy.timeoutMs,
    deadlineAt: effectiveDeadlineAt(operation),
    traceparent,
    ...(owner === null ? {} : { owner }),
    ...(operation.principal === null ? {} : { principal: operation.principal }),
    at: operation.attemptAt ?? operation.acceptedAt,
  };
}
