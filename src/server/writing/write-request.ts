import type { AcceptChange, AcceptRequest, Expectation } from "../../core/change.ts";
import type { ResourceType } from "../../core/definition/resource-type.ts";
import { createId } from "../../core/ids.ts";
import type { Resource } from "../../core/resource.ts";
import { ownerOf } from "../access/access.ts";
import type { EndpointRequest, EndpointContext } from "../context.ts";
import { readBody } from "../request/body.ts";
import { type Preconditions, readPreconditions } from "../request/conditional.ts";
import { type IdempotentRequest, readIdempotentRequest } from "../request/idempotency.ts";
import { JSON_TYPE, negotiate } from "../request/negotiate.ts";
import { parsePrefer, type Preferences } from "../request/prefer.ts";
import { parseQuery } from "../request/query.ts";

/** What every write says, whatever it changes. */
export interface WriteRequest {
  readonly body: Uint8Array;
  readonly idempotency: IdempotentRequest | undefined;
  readonly preferences: Preferences;
  readonly preconditions: Preconditions;
}

/** Reads headers and body of a write; nothing of the store. @throws Refusal */
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

/** A change that begins an operation, by what was read. */
export function acceptChange(
  { clock, tracing, options }: EndpointContext,
  { traceparent: trace, principal }: EndpointRequest,
  { type, id, before }: { readonly type: ResourceType; readonly id: string; readonly before: Resource | undefined },
  operation: Omit<AcceptRequest, "id" | "traceparent"> & { readonly id?: string },
): AcceptChange {
  const at = clock.now();
  const owner = ownerOf(principal);
  // What was done to the resource before has a trace of its own.
  if (before !== undefined) tracing?.linkActive(before.operation.traceparent);
  const expect: Expectation = before === undefined ? "absent" : { creation: before.creation, edit: before.edit };
  return {
    change: "accept",
    at,
    random: clock.random(),
    key: { type: type.name, id },
    expect,
    operation: { id: createId(at), ...operation, ...(trace === undefined ? {} : { traceparent: trace }) },
    ...(type.maxInProgress === undefined ? {} : { maxInProgress: type.maxInProgress }),
    // Who deletes makes room.
    ...(owner === undefined || operation.kind === "delete"
      ? {}
      : { ownerLimit: { owner, max: options.maxInProgressPerPrincipal } }),
  };
}
