import { isJsonObject } from "../../core/json/json.ts";
import type { Resource } from "../../core/resource.ts";
import type { MaybePromise } from "../../core/scheduling/promises.ts";
import type { HttpRequest } from "../http/exchange.ts";
import { Refusal } from "../http/problems.ts";

/** Who sends a request. */
export interface Principal {
  /** Of 1 to 1024 characters. */
  readonly id: string;
  /** To whom its resources belong, so that a team can share them. @default the id */
  readonly owner?: string;
  /** May do everything that `authorize` does not refuse: with resources of others, messages, workers, metrics. @default false */
  readonly operator?: boolean;
}

/** What a principal is told from. */
export interface AuthenticateRequest {
  readonly method: string;
  readonly path: string;
  readonly headers: Headers;
  /** The value of one header, by its lower-case name. Asked alone it is cheaper than `headers`, which are put together when asked for. */
  readonly header: (name: string) => string | undefined;
}

/** Tells who sends a request from its headers; null where nobody can be told. */
export interface Authenticate {
  (request: AuthenticateRequest): Principal | null | Promise<Principal | null>;
  /** The `WWW-Authenticate` of a 401, where `challenge` of the app says none. */
  readonly challenge?: string;
}

/** What a principal is about to do. */
export interface Access {
  readonly principal: Principal;
  /** The HTTP method. */
  readonly method: string;
  /** The resource type's name; `message`, `worker`, or of what stands beside the API `docs`, `dashboard`, `metrics`. */
  readonly type: string;
  /** Absent for a collection. */
  readonly resource?: { readonly type: string; readonly id: string; readonly owner: string | null };
}

/**
 * Says whether a principal may. `false` refuses with 403, and for a resource of somebody else with 404; `true` allows, also what
 * belongs to somebody else, in the list of a collection too; undefined leaves it at that a resource is its owner's alone.
 */
export type Authorize = (access: Access) => boolean | undefined | Promise<boolean | undefined>;

/** Who may do what. */
export interface AccessOptions {
  /** Who sends a request; null refuses it with 401. @default nobody is told apart */
  readonly authenticate?: Authenticate | undefined;
  /** The `WWW-Authenticate` of a 401. @default that of `authenticate`, else "Bearer" */
  readonly challenge?: string | undefined;
  /** Whether a principal may. @default a resource belongs to its creator */
  readonly authorize?: Authorize | undefined;
}

/** As much of a request as tells who sends it. */
export type AuthenticatedRequestParts = Pick<HttpRequest, "method" | "path" | "header" | "headers" | "trusted">;

/** @throws Refusal `unauthenticated` */
export function authenticateRequest(
  request: AuthenticatedRequestParts,
  options: AccessOptions,
): MaybePromise<Principal | undefined> {
  const { authenticate } = options;
  if (authenticate === undefined || request.trusted === true) return undefined;
  return callAuthenticate(request, authenticate, options);
}

async function callAuthenticate(
  request: AuthenticatedRequestParts,
  authenticate: Authenticate,
  options: AccessOptions,
): Promise<Principal> {
  const { method, path, header } = request;
  const principal: unknown = await authenticate({
    method,
    path,
    header: header.bind(request),
    get headers() {
      return request.headers();
    },
  });
  if (isPrincipal(principal)) return principal;
  throw new Refusal("unauthenticated", "This needs credentials, and the request carries none that are valid.", {
    headers: ["WWW-Authenticate", challengeFor(options, request.header("authorization"))],
  });
}

/** Whatever else an `authenticate` gives, undefined above all, lets nobody in: undefined would be who may do everything. */
function isPrincipal(principal: unknown): principal is Principal {
  if (!isJsonObject(principal)) return false;
  const { id, owner } = principal;
  return isStorableName(id) && (owner === undefined || isStorableName(owner));
}

const MAX_NAME_LENGTH = 1024;

/** What every store can keep and compare. */
function isStorableName(name: unknown): boolean {
  return (
    typeof name === "string" &&
    name !== "" &&
    name.length <= MAX_NAME_LENGTH &&
    !name.includes("\0") &&
    name.isWellFormed()
  );
}

/** To whom belongs what a principal creates; undefined where nobody is told apart. */
export function ownerOf(principal: Principal | undefined): string | undefined {
  return principal === undefined ? undefined : (principal.owner ?? principal.id);
}

/** What `authorize` says, and where it says nothing, what the principal is. */
async function authorizeAccess(access: Access, { authorize }: AccessOptions): Promise<boolean | undefined> {
  const decision = authorize === undefined ? undefined : await authorize(access);
  return decision ?? (access.principal.operator === true ? true : undefined);
}

/** True where the principal may see what belongs to others too. @throws Refusal `forbidden` */
export async function authorizeCollection(
  principal: Principal | undefined,
  access: { readonly method: string; readonly type: string },
  options: AccessOptions,
): Promise<boolean> {
  if (principal === undefined) return true;
  const isAllowed = await authorizeAccess({ principal, ...access }, options);
  if (isAllowed === false) throw forbidden();
  return isAllowed === true;
}

/**
 * Lets in those alone who may know and say something of all resources: the processes of an app's own, and who measures them.
 *
 * @throws Refusal `forbidden`
 */
export async function authorizeOperator(
  principal: Principal | undefined,
  access: { readonly method: string; readonly type: "message" | "worker" | "metrics" },
  options: AccessOptions,
): Promise<void> {
  if (!(await authorizeCollection(principal, access, options))) throw forbidden();
}

/** False where the resource must look to the principal as if it did not exist. @throws Refusal `forbidden` */
export async function maySee(
  principal: Principal | undefined,
  method: string,
  { type, id, owner }: Resource,
  options: AccessOptions,
): Promise<boolean> {
  if (principal === undefined) return true;
  const isOwned = owner === ownerOf(principal);
  const isAllowed = await authorizeAccess({ principal, method, type, resource: { type, id, owner } }, options);
  if (isAllowed === false && isOwned) throw forbidden();
  return isAllowed ?? isOwned;
}

function forbidden(): Refusal {
  return new Refusal("forbidden", "The credentials are valid, but do not allow this.");
}

interface ChallengeOptions {
  readonly challenge?: string | undefined;
  readonly authenticate?: { readonly challenge?: string } | undefined;
}

/**
 * The `WWW-Authenticate` of a 401. To who sent a bearer token it says that this one is not valid; whether it was known, expired or
 * made up, it says to nobody.
 *
 * @see https://www.rfc-editor.org/rfc/rfc6750#section-3
 */
function challengeFor(options: ChallengeOptions, authorization: string | undefined): string {
  const challenge = declaredChallenge(options);
  if (!/^Bearer /i.test(authorization ?? "")) return challenge;
  return challenge.replace(/^Bearer( (?=[a-z]+=))?/i, (_, more: string | undefined) =>
    more === undefined ? 'Bearer error="invalid_token"' : 'Bearer error="invalid_token", ',
  );
}

/** The schemes that a 401 asks for, in lower case. */
export function schemesOf(options: ChallengeOptions): readonly string[] {
  const parts = declaredChallenge(options).split(/,\s*/);
  const schemes = parts.map((part) => /^([^\s=]+)(?:\s|$)/.exec(part)?.[1]?.toLowerCase());
  return [...new Set(schemes.filter((scheme) => scheme !== undefined))];
}

function declaredChallenge({ challenge, authenticate }: ChallengeOptions): string {
  return challenge ?? authenticate?.challenge ?? "Bearer";
}
