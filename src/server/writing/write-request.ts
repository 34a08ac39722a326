import type { AcceptChange, AcceptRequest, Expectation } from "../../core/change.ts";
import type { ResourceType } from "../../core/definition/resource-type.ts";
import { isAfootError } from "../../core/errors.ts";
import { createId } from "../../core/ids.ts";
import type { JsonText } from "../../core/json/json.ts";
import { encodePrincipal, ownerOf, type Principal } from "../../core/principal.ts";
import type { Resource } from "../../core/resource.ts";
import type { EndpointRequest, EndpointContext } from "../context.ts";
import { JSON_TYPE } from "../http/headers.ts";
import { Refusal } from "../http/problems.ts";
import { readBody } from "../request/body.ts";
import { type Preconditions, readPreconditions } from "../request/conditional.ts";
import { type IdempotentRequest, readIdempotentRequest } from "../request/idempotency.ts";
import { negotiate } from "../request/negotiate.ts";
import { parsePrefer, type Preferences } from "../request/prefer.ts";
import { parseQuery } from "../request/query.ts";
import { turnOf } from "../turns/turn-key.ts";

/** The parts that all writes have in common. */
export interface WriteRequest {
  readonly body: Uint8Array;
  readonly idempotency: IdempotentRequest | undefined;
  readonly preferences: Preferences;
  readonly preconditions: Preconditions;
}

/** Reads the headers and body of a write. Does not access the store. @throws Refusal */
export async function readWriteRequest(
  { options }: EndpointContext,
  request: EndpointRequest,
  types?: readonly string[],
): Promise<WriteRequest> {
  const { http } = request;
  parseQuery(http.query, []);
  negotiate(http.header("accept"), [JSON_TYPE]);
  const preferences = parsePrefer(http.header("prefer"));
  const preconditions = readPreconditions(http);
  const body = await readBody(http, options, types);
  return { body, preferences, preconditions, idempotency: readIdempotentRequest(request, body) };
}

/** Creates a change that starts an operation, conditional on the row that was read. */
export function acceptChange(
  { clock, tracing, options }: EndpointContext,
  { traceparent: trace, principal }: EndpointRequest,
  { type, id, before }: { readonly type: ResourceType; readonly id: string; readonly before: Resource | undefined },
  operation: Omit<AcceptRequest, "id" | "traceparent" | "principal"> & { readonly id?: string },
): AcceptChange {
  const at = clock.now();
  const owner = ownerOf(principal);
  // The previous operation of the resource has its own trace.
  if (before !== undefined) tracing?.linkActive(before.operation.traceparent);
  const expect: Expectation = before === undefined ? "absent" : { creation: before.creation, edit: before.edit };
  return {
    change: "accept",
    at,
    random: clock.random(),
    key: { type: type.name, id },
    expect,
    operation: {
      id: createId(at),
      ...operation,
      ...keptPrincipal(principal),
      ...turnOf(type, operation, before),
      ...(trace === undefined ? {} : { traceparent: trace }),
    },
    ...(type.maxInProgress === undefined ? {} : { maxInProgress: type.maxInProgress }),
    // Deletes are exempt from the limit because they free capacity.
    ...(owner === undefined || operation.kind === "delete"
      ? {}
      : { ownerLimit: { owner, max: options.maxInProgressPerPrincipal } }),
  };
}

/**
 * Returns the principal as the operation that it asks for keeps it; nothing without one.
 *
 * @throws Refusal `forbidden` for a principal that cannot be kept: the credentials are valid, and repeating the request
 *   does not help
 */
export function keptPrincipal(principal: Principal | undefined): { readonly principal?: JsonText } {
  if (principal === undefined) return {};
  try {
    return { principal: encodePrincipal(principal) };
  } catch (error) {
    if (!isAfootError(error)) throw error;
    throw new Refusal(
      "forbidden",
      `What \`authenticate\` returned for the credentials cannot be kept. ${error.message}`,
    );
  }
}
