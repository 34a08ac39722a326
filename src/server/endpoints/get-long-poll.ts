import type { ResourceType } from "../../core/definition/resource-type.ts";
import type { Resource } from "../../core/resource.ts";
import { reauthorize, requireExisting } from "../access/visibility.ts";
import type { EndpointContext, EndpointRequest } from "../context.ts";
import type { HttpResponse } from "../http/exchange.ts";
import { etagHeader } from "../http/headers.ts";
import { untilChanged, untilSettled, type WaitCondition } from "../long-poll/waiter-group.ts";
import type { Fields } from "../representation/representation.ts";
import { type CachedGet, withPreferenceApplied } from "../representation/response-cache.ts";
import { findState, matchesTag, type TagList } from "../request/conditional.ts";

/** The parameters of a GET with `Prefer: wait`. */
export interface LongPollParameters {
  readonly fields: Fields;
  readonly noneMatch: TagList | undefined;
  readonly waitMs: number;
}

type GetLongPoll = (
  request: EndpointRequest,
  first: Resource,
  parameters: LongPollParameters,
) => HttpResponse | Promise<HttpResponse>;

/**
 * Creates the long polling of a GET: it waits until the representation differs from those in `If-None-Match`, or without that header
 * until the resource is settled.
 *
 * @param current returns the responses for a row at this moment
 */
export function createGetLongPoll(
  context: EndpointContext,
  type: ResourceType,
  current: (resource: Resource, fields: Fields) => CachedGet,
): GetLongPoll {
  return (request, first, parameters) => {
    const { fields, noneMatch, waitMs } = parameters;
    const isSatisfied =
      noneMatch === undefined
        ? untilSettled
        : untilChanged((resource) => findState(noneMatch, current(resource, fields).tag) !== undefined);
    if (waitMs === 0 || isSatisfied(first)) {
      return withPreferenceApplied(conditionalResponse(current(first, fields), noneMatch), waitMs);
    }
    return respondAfterWait(request, parameters, isSatisfied);
  };

  /** Waits and responds. Keeps its closure small: thousands of waiters hold only these locals, never a row or a representation. */
  async function respondAfterWait(
    request: EndpointRequest,
    { fields, noneMatch, waitMs }: LongPollParameters,
    isSatisfied: WaitCondition,
  ): Promise<HttpResponse> {
    const key = { type: type.name, id: request.id };
    const { http, principal } = request;
    const result = await context.longPolls.waitFor({
      key,
      ms: waitMs,
      request: http,
      principalId: principal?.id,
      isSatisfied,
    });
    const row = result.end === "satisfied" ? result.resource : await context.read(key);
    if (principal !== undefined) await reauthorize(context, request, row);
    const resource = requireExisting(row, type);
    const cached = current(resource, fields);
    // If the wait was not satisfied, at most the time remaining has changed, which does not count as a change.
    const sentTag =
      noneMatch === undefined || result.end === "satisfied" ? undefined : findState(noneMatch, cached.tag);
    return sentTag === undefined
      ? cached.fullAfterWait(waitMs)
      : withPreferenceApplied(withEtag(cached.notModified, sentTag), waitMs, true);
  }
}

/** Returns the full response, or 304 if `If-None-Match` lists its tag. */
export function conditionalResponse(cached: CachedGet, noneMatch: TagList | undefined): HttpResponse {
  return noneMatch !== undefined && matchesTag(noneMatch, cached.tag) ? cached.notModified : cached.full;
}

/** Replaces the ETag by the one that the client sent, when only the time remaining differs. */
function withEtag(response: HttpResponse, tag: string): HttpResponse {
  const [name = "", value = ""] = etagHeader(tag);
  return { ...response, headers: response.headers.with(response.headers.indexOf(name) + 1, value) };
}
