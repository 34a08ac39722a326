import { isAwaitedChild } from "../../core/children/parent-link.ts";
import { metadataOf } from "../../core/json/metadata.ts";
import type { Resource } from "../../core/resource.ts";
import type { EndpointContext } from "../context.ts";
import { wholePercent } from "../representation/representation.ts";
import type { Summary } from "./shapes.ts";
import type { VisibleType } from "./visible-resources.ts";

/** Summarizes a resource for the dashboard's list. */
export function summaryOf(
  { clock, estimates }: Pick<EndpointContext, "clock" | "estimates">,
  { type }: VisibleType,
  resource: Resource,
  isOwnerShown: boolean,
): Summary {
  const { operation, owner, error, metadata } = resource;
  const isInProgress = operation.settledAt === null;
  const remainingMs = isInProgress ? estimates.estimate(resource, clock.now())?.remainingMs : undefined;
  return {
    path: type.path,
    id: resource.id,
    creation: resource.creation,
    version: resource.version,
    status: resource.status,
    ...(isOwnerShown && owner !== null ? { owner } : {}),
    createdAt: resource.createdAt,
    updatedAt: resource.updatedAt,
    ...(type.representation.metadata && metadata !== null ? { metadata: metadataOf(metadata) } : {}),
    operation: {
      id: operation.id,
      kind: operation.kind,
      state: operation.state,
      attempt: operation.attempt,
      failures: operation.failures,
      acceptedAt: operation.acceptedAt,
      startedAt: operation.startedAt,
      settledAt: operation.settledAt,
      deadlineAt: operation.deadlineAt,
      dueAt: operation.dueAt,
      awaiting: operation.awaitedMessages.filter((name) => !isAwaitedChild(name)),
    },
    ...(isInProgress && operation.progress !== null ? { percent: wholePercent(operation.progress) } : {}),
    ...(remainingMs === undefined ? {} : { remainingMs: Math.round(remainingMs) }),
    ...(error === null ? {} : { error }),
  };
}
