import type { ResourceType } from "../../core/definition/resource-type.ts";
import type { Resource } from "../../core/resource.ts";
import { type Eventually, whenThere } from "../../core/scheduling/promises.ts";
import type { EndpointRequest, EndpointContext } from "../context.ts";
import { Refusal } from "../http/problems.ts";
import { authenticated, maySee } from "./access.ts";

/**
 * Reads a row as the principal may know it; a deleted one has `deletedAt`, and nobody but its owner learns of it.
 *
 * @param onHidden may refuse in another way, where an id that is not there would be refused so
 * @throws Refusal `resource-not-found` for what belongs to others: that it exists, or existed, is not revealed
 */
export function readVisible(
  serving: EndpointContext,
  type: ResourceType,
  call: EndpointRequest,
  onHidden?: () => void,
): Eventually<Resource | undefined> {
  return whenThere(serving.read({ type: type.name, id: call.id }), (resource) => {
    if (resource === undefined || call.principal === undefined) return resource;
    return whenThere(isVisible(serving, call, resource), (mayKnow) => {
      if (mayKnow) return resource;
      onHidden?.();
      throw notFound(type);
    });
  });
}

/**
 * Asks again who asks, and whether they may see what is there now. What was held may be answered long after it was let in: the key
 * was revoked, the token has expired, the resource is another's by now.
 *
 * @throws Refusal `unauthenticated`, `forbidden`, `resource-not-found`
 */
export function checkAgain(
  serving: EndpointContext,
  type: ResourceType,
  call: EndpointRequest,
  resource: Resource | undefined,
): Eventually<void> {
  return call.principal === undefined ? undefined : checkedAgain(serving, type, call, resource);
}

async function checkedAgain(
  serving: EndpointContext,
  type: ResourceType,
  call: EndpointRequest,
  resource: Resource | undefined,
): Promise<void> {
  const principal = await authenticated(call.request, serving.options);
  if (resource !== undefined && !(await isVisible(serving, { ...call, principal }, resource))) throw notFound(type);
}

/** As {@link checkAgain}, for what is ended and not refused. */
export async function maySeeStill(...what: Parameters<typeof checkAgain>): Promise<boolean> {
  return isNotRefused(checkAgain(...what));
}

/** Whether who asked is let in still. */
export async function isStillLetIn({ options }: EndpointContext, { request }: EndpointRequest): Promise<boolean> {
  return isNotRefused(authenticated(request, options));
}

async function isNotRefused(asked: Eventually<unknown>): Promise<boolean> {
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
  call: EndpointRequest,
  resource: Resource,
): Promise<boolean> {
  return call.principal === undefined || maySee(call.principal, call.request.method, resource, options);
}

/** The resource, where there is one. @throws Refusal `resource-not-found`, `resource-deleted` */
export function present(resource: Resource | undefined, type: ResourceType): Resource {
  if (resource === undefined) throw notFound(type);
  if (resource.deletedAt !== null) throw new Refusal("resource-deleted", `The ${type.name} of this id was deleted.`);
  return resource;
}

/** The resource, where there is one that was not deleted. */
export function live(resource: Resource | undefined): Resource | undefined {
  return resource?.deletedAt === null ? resource : undefined;
}

function notFound({ name }: ResourceType): Refusal {
  return new Refusal("resource-not-found", `There is no ${name} of this id.`);
}
