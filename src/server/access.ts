import type { Resource } from "../core/resource.ts";
import type { HttpRequest } from "./http/exchange.ts";
import { Refusal } from "./problems.ts";

/** Who sends a request. */
export interface Principal {
  readonly id: string;
  /** To whom its resources belong, so that a team can share them. @default the id */
  readonly owner?: string;
}

/** Tells who sends a request from its headers; null where nobody can be told. */
export type Authenticate = (request: {
  readonly method: string;
  readonly path: string;
  readonly headers: Headers;
}) => Principal | null | Promise<Principal | null>;

/** What a principal is about to do. */
export interface Access {
  readonly principal: Principal;
  /** The HTTP method. */
  readonly method: string;
  /** The resource type's name. */
  readonly type: string;
  /** Absent for a collection. */
  readonly resource?: { readonly type: string; readonly id: string; readonly owner: string | null };
}

/**
 * Says whether a principal may. `false` refuses with 403, and for a resource of somebody else with 404; `true` allows, also what
 * belongs to somebody else; undefined leaves it at that a resource is its owner's alone.
 */
export type Authorize = (access: Access) => boolean | undefined | Promise<boolean | undefined>;

/** Who may do what. */
export interface AccessOptions {
  /** Who sends a request; null refuses it with 401. @default nobody is told apart */
  readonly authenticate?: Authenticate | undefined;
  /** The `WWW-Authenticate` of a 401. @default "Bearer" */
  readonly challenge: string;
  /** Whether a principal may. @default a resource belongs to its creator */
  readonly authorize?: Authorize | undefined;
}

/** @throws Refusal `unauthenticated` */
export async function authenticated(
  request: HttpRequest,
  { authenticate, challenge }: AccessOptions,
): Promise<Principal | undefined> {
  if (authenticate === undefined || request.trusted === true) return undefined;
  const { method, path } = request;
  const principal = await authenticate({ method, path, headers: request.headers() });
  if (principal !== null) return principal;
  throw new Refusal("unauthenticated", "This needs credentials, and the request carries none that are valid.", {
    headers: ["WWW-Authenticate", challenge],
  });
}

/** To whom belongs what a principal creates; undefined where nobody is told apart. */
export function ownerOf(principal: Principal | undefined): string | undefined {
  return principal === undefined ? undefined : (principal.owner ?? principal.id);
}

/** @throws Refusal `forbidden` */
export async function checkCollection(
  principal: Principal | undefined,
  access: { readonly method: string; readonly type: string },
  { authorize }: AccessOptions,
): Promise<void> {
  if (principal === undefined || authorize === undefined) return;
  if ((await authorize({ principal, ...access })) === false) throw forbidden();
}

/**
 * Lets in the processes of an app's own that speak for all resources: nobody whom `authorize` does not name.
 *
 * @throws Refusal `forbidden`
 */
export async function checkOutside(
  principal: Principal | undefined,
  type: "message" | "worker",
  { authorize }: AccessOptions,
): Promise<void> {
  if (principal === undefined) return;
  if ((await authorize?.({ principal, method: "POST", type })) !== true) throw forbidden();
}

/** False where the resource must look to the principal as if it did not exist. @throws Refusal `forbidden` */
export async function maySee(
  principal: Principal | undefined,
  method: string,
  { type, id, owner }: Resource,
  { authorize }: AccessOptions,
): Promise<boolean> {
  if (principal === undefined) return true;
  const owned = owner === ownerOf(principal);
  const allowed =
    authorize === undefined ? undefined : await authorize({ principal, method, type, resource: { type, id, owner } });
  if (allowed === false && owned) throw forbidden();
  return allowed ?? owned;
}

function forbidden(): Refusal {
  return new Refusal("forbidden", "The credentials are valid, but do not allow this.");
}
