import type { ResourceType } from "../../core/definition/resource-type.ts";
import { ownerOf, type Principal } from "../../core/principal.ts";
import type { Resource, ResourceKey } from "../../core/resource.ts";
import { type MaybePromise, thenMaybe } from "../../core/scheduling/promises.ts";
import type { HttpRequest } from "../http/exchange.ts";
import { Refusal } from "../http/problems.ts";
import { toRefusal } from "../http/refusals.ts";
import {
  type AccessOptions,
  authenticateRequest,
  authorizeCollection,
  maySee,
  type RequestedOperation,
} from "./access.ts";

interface VisibilityContext {
  readonly options: AccessOptions;
  readonly read: (key: ResourceKey) => MaybePromise<Resource | undefined>;
}

interface VisibilityRequest {
  readonly http: HttpRequest;
  readonly principal: Principal | undefined;
  readonly id: string;
  /** The operation that the request asks for; absent for a read. */
  readonly asked?: RequestedOperation | undefined;
}

/**
 * Reads a row that the principal may see. A tombstone has `deletedAt`; it is visible to the same principals as the
 * resource was.
 *
 * @throws Refusal `resource-not-found` for other owners' rows, so as not to reveal that they exist or existed
 */
export function readVisible(
  context: VisibilityContext,
  type: ResourceType,
  request: VisibilityRequest,
): MaybePromise<Resource | undefined> {
  const read = context.read({ type: type.name, id: request.id });
  if (request.principal === undefined) return read;
  return thenMaybe(read, (resource) => {
    if (resource === undefined) return resource;
    return thenMaybe(isVisible(context, request, resource), (isShown) => {
      if (isShown) return resource;
      throw toRefusal("resource-not-found");
    });
  });
}

/**
 * Authenticates a request again after it has waited, and authorizes it for the current row. Meanwhile, the key may have
 * been revoked, the token may have expired, or the resource may have another owner.
 *
 * @throws Refusal `unauthenticated`, `forbidden`, `resource-not-found`
 */
export function reauthorize(
  context: Pick<VisibilityContext, "options">,
  request: VisibilityRequest,
  resource: Resource | undefined,
): MaybePromise<void> {
  return request.principal === undefined ? undefined : reauthorizePrincipal(context, request, resource);
}

async function reauthorizePrincipal(
  context: Pick<VisibilityContext, "options">,
  request: VisibilityRequest,
  resource: Resource | undefined,
): Promise<void> {
  const principal = await authenticateRequest(request.http, context.options);
  if (resource !== undefined && !(await isVisible(context, { ...request, principal }, resource))) {
    throw toRefusal("resource-not-found");
  }
}

/** Resolves to the result of {@link reauthorize} as a boolean, for streams, which end without a refusal. */
export async function isStillAuthorized(...parameters: Parameters<typeof reauthorize>): Promise<boolean> {
  return isAccepted(() => reauthorize(...parameters));
}

/** Authenticates a request again. Resolves to false if its credentials are no longer valid. */
export async function isStillAuthenticated(
  { options }: Pick<VisibilityContext, "options">,
  { http }: Pick<VisibilityRequest, "http">,
): Promise<boolean> {
  return isAccepted(() => authenticateRequest(http, options));
}

async function isAccepted(check: () => MaybePromise<unknown>): Promise<boolean> {
  try {
    await check();
    return true;
  } catch (error) {
    if (error instanceof Refusal) return false;
    throw error;
  }
}

/** Returns true if the principal may see the row. @throws Refusal `forbidden` */
export function isVisible(
  { options }: Pick<VisibilityContext, "options">,
  request: VisibilityRequest,
  resource: Resource,
): MaybePromise<boolean> {
  const { principal, http, asked } = request;
  return principal === undefined || maySee(principal, { method: http.method, ...asked }, resource, options);
}

/**
 * Requires that a principal owns a row or may read it, before the row decides about its request.
 *
 * @throws Refusal `resource-not-found`
 */
export async function requireReadable(
  { options }: Pick<VisibilityContext, "options">,
  { principal }: Pick<VisibilityRequest, "principal">,
  row: Resource | undefined,
): Promise<void> {
  if (row === undefined || principal === undefined || row.owner === ownerOf(principal)) return;
  if (!(await maySee(principal, { method: "GET" }, row, options))) throw toRefusal("resource-not-found");
}

/** A write to be authorized. */
export interface RequestedWrite {
  readonly type: ResourceType;
  readonly request: VisibilityRequest & { readonly asked: RequestedOperation };
  /** The stored row; undefined if there is none. */
  readonly row: Resource | undefined;
  /** Throws the refusal that an unused id would get, if that is not `resource-not-found`. */
  readonly onHidden?: ((asked: RequestedOperation) => void | Promise<void>) | undefined;
}

/**
 * Authorizes a write before anything is stored. A write to no resource that creates none is left to its endpoint: it is
 * a 404 for every principal.
 *
 * @throws Refusal `forbidden`; `resource-not-found` for other owners' rows
 */
export async function authorizeWrite(
  { options }: Pick<VisibilityContext, "options">,
  { type, request, row, onHidden }: RequestedWrite,
): Promise<void> {
  const { principal, http, asked } = request;
  if (principal === undefined) return;
  if (row === undefined) {
    const access = { method: http.method, type: type.name, ...asked };
    if (asked.kind === "create") await authorizeCollection(principal, access, options);
    return;
  }
  if (await isVisible({ options }, request, row)) return;
  await onHidden?.(asked);
  throw toRefusal("resource-not-found");
}

/** Returns the resource if it exists. @throws Refusal `resource-not-found`, `resource-deleted` */
export function requireExisting(resource: Resource | undefined, type: ResourceType): Resource {
  if (resource === undefined) throw toRefusal("resource-not-found");
  if (resource.deletedAt !== null) throw new Refusal("resource-deleted", `The ${type.name} with this id was deleted.`);
  return resource;
}

/** Returns the resource unless it was deleted. */
export function existing(resource: Resource | undefined): Resource | undefined {
  return resource?.deletedAt === null ? resource : undefined;
}
