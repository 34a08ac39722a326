import type { ResourceType } from "../core/resource-type.ts";
import type { Resource } from "../core/resource.ts";
import { maySee } from "./access.ts";
import { Refusal } from "./problems.ts";
import type { Call, Serving } from "./serving.ts";

/**
 * Reads a row as the principal may know it; a deleted one has `deletedAt`, and nobody but its owner learns of it.
 *
 * @throws Refusal `resource-not-found` for what belongs to others: that it exists is not revealed
 */
export async function readVisible(serving: Serving, type: ResourceType, call: Call): Promise<Resource | undefined> {
  const resource = await serving.read({ type: type.name, id: call.id });
  if (resource === undefined || (await isVisible(serving, call, resource))) return resource;
  if (resource.deletedAt !== null) return undefined;
  throw notFound(type);
}

/** Whether the principal may know of a row. @throws Refusal `forbidden` */
export async function isVisible({ options }: Serving, call: Call, resource: Resource): Promise<boolean> {
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
