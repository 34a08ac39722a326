import type { ResourceType } from "../../core/definition/resource-type.ts";
import type { Resource } from "../../core/resource.ts";
import { type MaybePromise, thenSync } from "../../core/scheduling/promises.ts";
import type { EndpointRequest, EndpointContext } from "../context.ts";
import { Refusal } from "../http/problems.ts";
import { authenticateRequest, maySee } from "./access.ts";

/**
 * Reads a row as the principal may know it; a deleted one has `deletedAt`, and nobody but its owner learns of it.
 *
 * @param onHidden may refuse in another way, where an id that is not there would be refused so
 * @throws Refusal `resource-not-found` for what belongs to others: that it exists, or existed, is not revealed
 */
export function readVisible(
  context: EndpointContext,
  type: ResourceType,
  request: EndpointRequest,
  onHidden?: () => void,
): MaybePromise<Resource | undefined> {
  return thenSync(context.read({ type: type.name, id: request.id }), (resource) => {
    if (resource === undefined || request.principal === undefined) return resource;
    return thenSync(isVisible(context, request, resource), (mayKnow) => {
      if (mayKnow) return resource;
      onHidden?.();
      throw resourceNotFound(type);
    });
  });
}

/**
 * Asks again who asks, and whether they may see what is there now. What was held may be answered long after it was let in: the key
 * was revoked, the token has expired, the resource is another's by now.
 *
 * @throws Refusal `unauthenticated`, `forbidden`, `resource-not-found`
 */
export function reauthorize(
  context: EndpointContext,
  type: ResourceType,
  request: EndpointRequest,
  resource: Resource | undefined,
): MaybePromise<void> {
  return request.principal === undefined ? undefined : checkedAgain(context, type, request, resource);
}

async function checkedAgain(
  context: EndpointContext,
  type: ResourceType,
  request: EndpointRequest,
  resource: Resource | undefined,
): Promise<void> {
  const principal = await authenticateRequest(request.http, context.options);
  if (resource !== undefined && !(await isVisible(context, { ...request, principal }, resource)))
    throw resourceNotFound(type);
}

/** As {@link reauthorize}, for what is ended and not refused. */
export async function isStillAuthorized(...what: Parameters<typeof reauthorize>): Promise<boolean> {
  return isAccepted(reauthorize(...what));
}

/** Whether who asked is let in still. */
export async function isStillAuthenticated({ options }: EndpointContext, { http }: EndpointRequest): Promise<boolean> {
  return isAccepted(authenticateRequest(http, options));
}

async function isAccepted(asked: MaybePromise<unknown>): Promise<boolean> {
  try {
    await asked;
    return true;
  } catch (error) {
    if (error instanceof Refusal) return false;
    throw error;
  }
}

/** Whether the principal may know of a row. @throws Refusal `forbidden` */
export async function isVisible(
  { options }: EndpointContext,
  request: EndpointRequest,
  resource: Resource,
): Promise<boolean> {
  return request.principal === undefined || maySee(request.principal, request.http.method, resource, options);
}

/** The resource, where there is one. @throws Refusal `resource-not-found`, `resource-deleted` */
export function requireExisting(resource: Resource | undefined, type: ResourceType): Resource {
  if (resource === undefined) throw resourceNotFound(type);
  if (resource.deletedAt !== null) throw new Refusal("resource-deleted", `The ${type.name} of this id was deleted.`);
  return resource;
}

/** The resource, where there is one that was not deleted. */
export function existing(resource: Resource | undefined): Resource | undefined {
  return resource?.deletedAt === null ? resource : undefined;
}

function resourceNotFound({ name }: ResourceType): Refusal {
  return new Refusal("resource-not-found", `There is no ${name} of this id.`);
}
