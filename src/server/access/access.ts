import type { JsonText } from "../../core/json/json.ts";
import { isPrincipal, ownerOf, type Principal } from "../../core/principal.ts";
import type { Resource } from "../../core/resource.ts";
import { type MaybePromise, thenMaybe } from "../../core/scheduling/promises.ts";
import type { HttpRequest } from "../http/exchange.ts";
import { Refusal } from "../http/problems.ts";

/** The request properties available to `authenticate`. */
export interface AuthenticateRequest<Host = unknown> {
  readonly method: string;
  readonly path: string;
  readonly headers: Headers;
  /** Returns one header by its lower-case name. Cheaper than `headers`, which is built on first access. */
  readonly header: (name: string) => string | undefined;
  /**
   * The request of the host that serves the app: a Fastify request, an Express or Node request, a Hono context, or the
   * `Request` of any other host. It shows what the host's own authentication found.
   */
  readonly host: Host;
}

/**
 * Authenticates a request. Returns null if the credentials are missing or invalid. A parameter of the type
 * `AuthenticateRequest<FastifyRequest>` declares the host, which nothing checks.
 */
export type Authenticate = AuthenticateMethod["authenticate"] & {
  /** `WWW-Authenticate` of a 401, unless the app has the option `challenge`. */
  readonly challenge?: string;
};

/** A method, because only the parameters of methods may be narrowed: to the request of one host. */
interface AuthenticateMethod {
  authenticate(request: AuthenticateRequest): Principal | null | Promise<Principal | null>;
}

/** An access to be authorized. For a write, everything in it is validated, and nothing is stored yet. */
export interface Access {
  readonly principal: Principal;
  /** The HTTP method. */
  readonly method: string;
  /**
   * Kind of the operation that the request begins: `create`, `update`, `delete`, or an action's name; of a retry, the
   * kind of the operation that it repeats. Absent for reads, `cancel`, messages, and a PATCH
   * of metadata alone.
   */
  readonly kind?: string;
  /** Segment after the id in the path of a POST: the name of an action or a message, `cancel` or `retry`. */
  readonly action?: string;
  /**
   * The requested configuration of a create, an update, or a retry of these, with the defaults of its schema: always
   * the complete one, into which a PATCH is merged.
   */
  readonly configuration?: unknown;
  /** The input of an action, or the value of a message. */
  readonly input?: unknown;
  /** Name of the resource type; or `message`, `worker`, `docs`, `dashboard`, `metrics`, `mcp` for other parts of the app. */
  readonly type: string;
  /** The resource; absent for a collection. */
  readonly resource?: { readonly type: string; readonly id: string; readonly owner: string | null };
}

/**
 * Authorizes an access. `true` allows access, including to other owners' resources and in lists. `false` rejects with
 * 403, or with 404 for a resource of another owner. `undefined` applies the default: only the owner has access.
 */
export type Authorize = (access: Access) => boolean | undefined | Promise<boolean | undefined>;

/** Options for authentication and authorization. */
export interface AccessOptions {
  /** Authenticates requests; null rejects one with 401. @default no authentication: all requests share one identity */
  readonly authenticate?: Authenticate | undefined;
  /** `WWW-Authenticate` of a 401. @default that of `authenticate`, or "Bearer" */
  readonly challenge?: string | undefined;
  /** Authorizes accesses. @default only the owner has access to a resource */
  readonly authorize?: Authorize | undefined;
}

/** The parts of a request that authentication reads. */
export type AuthenticatedRequestParts = Pick<
  HttpRequest,
  "method" | "path" | "header" | "headers" | "host" | "trusted" | "principal"
>;

/**
 * Authenticates a request. A trusted request has the principal that it names. Returns undefined, which means full
 * access, if it names none, or if the app has no authentication.
 *
 * @throws Refusal `unauthenticated`
 */
export function authenticateRequest(
  request: AuthenticatedRequestParts,
  options: AccessOptions,
): MaybePromise<Principal | undefined> {
  const { authenticate } = options;
  if (request.trusted === true) return request.principal;
  if (authenticate === undefined) return undefined;
  return callAuthenticate(request, authenticate, options);
}

function callAuthenticate(
  request: AuthenticatedRequestParts,
  authenticate: Authenticate,
  options: AccessOptions,
): MaybePromise<Principal> {
  const { method, path, host } = request;
  const result: unknown = authenticate({
    method,
    path,
    header: (name) => request.header(name),
    host,
    get headers() {
      return request.headers();
    },
  });
  return isPrincipal(result) ? result : requirePrincipal(result, request, options);
}

async function requirePrincipal(
  result: unknown,
  request: AuthenticatedRequestParts,
  options: AccessOptions,
): Promise<Principal> {
  const principal: unknown = await result;
  if (isPrincipal(principal)) return principal;
  throw new Refusal(
    "unauthenticated",
    "The request has no valid credentials. Send them as WWW-Authenticate describes.",
    {
      headers: ["WWW-Authenticate", challengeFor(options, request.header("authorization"))],
    },
  );
}

/** The operation that a write asks for. JSON values are texts, decoded only for `authorize`. */
export interface RequestedOperation extends Pick<Access, "kind" | "action"> {
  readonly configuration?: JsonText;
  readonly input?: JsonText;
}

/** The access that a request asks for. */
export interface RequestedAccess extends RequestedOperation, Pick<Access, "method" | "type"> {}

/** Returns the decision of `authorize`, at once if it is no promise. Without one, an operator is allowed. */
function authorizeAccess(
  principal: Principal,
  { configuration, input, ...asked }: RequestedAccess,
  resource: Access["resource"],
  { authorize }: AccessOptions,
): MaybePromise<boolean | undefined> {
  const byDefault = principal.operator === true ? true : undefined;
  if (authorize === undefined) return byDefault;
  const access = (): Access => ({
    principal,
    ...asked,
    ...(configuration === undefined ? {} : { configuration: JSON.parse(configuration) }),
    ...(input === undefined ? {} : { input: JSON.parse(input) }),
    ...(resource === undefined ? {} : { resource }),
  });
  return thenMaybe(authorize(access()), (decision) => decision ?? byDefault);
}

/**
 * Authorizes access to a collection. Resolves to true if the principal may see all owners' resources.
 *
 * @throws Refusal `forbidden`
 */
export async function authorizeCollection(
  principal: Principal | undefined,
  asked: RequestedAccess,
  options: AccessOptions,
): Promise<boolean> {
  if (principal === undefined) return true;
  const isAllowed = await authorizeAccess(principal, asked, undefined, options);
  if (isAllowed === false) throw forbidden();
  return isAllowed === true;
}

/**
 * Authorizes access that concerns the resources of all owners: that of external processes, workers and metrics
 * collectors.
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

/** Returns false if the resource must appear not to exist for the principal. @throws Refusal `forbidden` */
export function maySee(
  principal: Principal | undefined,
  asked: Omit<RequestedAccess, "type">,
  { type, id, owner }: Resource,
  options: AccessOptions,
): MaybePromise<boolean> {
  if (principal === undefined) return true;
  const isOwned = owner === ownerOf(principal);
  return thenMaybe(authorizeAccess(principal, { ...asked, type }, { type, id, owner }, options), (isAllowed) => {
    if (isAllowed === false && isOwned) throw forbidden();
    return isAllowed ?? isOwned;
  });
}

function forbidden(): Refusal {
  return new Refusal("forbidden", "The credentials are valid, but do not allow this request.");
}

interface ChallengeOptions {
  readonly challenge?: string | undefined;
  readonly authenticate?: { readonly challenge?: string } | undefined;
}

/**
 * Returns the `WWW-Authenticate` of a 401. Adds `error="invalid_token"` if a bearer token was sent, without revealing
 * why it is invalid.
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

/** Returns the authentication schemes that a 401 names, in lower case. */
export function schemesOf(options: ChallengeOptions): readonly string[] {
  const parts = declaredChallenge(options).split(/,\s*/);
  const schemes = parts.map((part) => /^([^\s=]+)(?:\s|$)/.exec(part)?.[1]?.toLowerCase());
  return [...new Set(schemes.filter((scheme) => scheme !== undefined))];
}

function declaredChallenge({ challenge, authenticate }: ChallengeOptions): string {
  return challenge ?? authenticate?.challenge ?? "Bearer";
}
