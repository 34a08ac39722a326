import { kindPolicyOf, policyOf, type Policies } from "../../core/policy.ts";
import type { ClaimMessage, ClaimReply, Grant } from "../../core/ports/messages.ts";
import type { Granted, Store } from "../../core/ports/store.ts";
import type { Clock } from "../../core/scheduling/clock.ts";
import type { CourseObserver } from "../telemetry/operation-observer.ts";

export interface ClaimsParts {
  readonly store: Pick<Store, "claim" | "nextDueAt">;
  readonly policies: Policies;
  readonly clock: Clock;
  readonly course: Pick<CourseObserver, "claimed">;
}

/** Answers claims: hands due operations out, each with all that its attempt needs. */
export function createClaims({
  store,
  policies,
  clock,
  course,
}: ClaimsParts): (message: ClaimMessage) => Promise<ClaimReply> {
  return async ({ worker, claim, places }) => {
    const at = clock.now();
    const [granted = []] = await store.claim([{ worker, claim, places, at }]);
    const grants = granted.map((each) => grantOf(each, policies, course.claimed(each.resource, at)));
    const free = places.reduce((sum, place) => sum + place.free, 0);
    if (grants.length >= free) return { grants };
    const dueAt = await store.nextDueAt(places);
    return dueAt === undefined ? { grants } : { grants, nextDueMs: Math.max(0, dueAt - clock.now()) };
  };
}

function grantOf({ resource, records, received }: Granted, policies: Policies, trace: string | null): Grant {
  const { type, id, operation } = resource;
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
    trace,
    at: operation.attemptAt ?? operation.acceptedAt,
  };
}
