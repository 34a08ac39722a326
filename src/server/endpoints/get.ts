import type { ResourceType } from "../../core/definition/resource-type.ts";
import type { Resource } from "../../core/resource.ts";
import { type MaybePromise, thenMaybe } from "../../core/scheduling/promises.ts";
import { readVisible, reauthorize, requireExisting } from "../access/visibility.ts";
import type { Endpoint, EndpointContext, EndpointRequest } from "../context.ts";
import type { HttpRequest, HttpResponse } from "../http/exchange.ts";
import {
  BODILESS_HEADERS,
  EVENTS_TYPE,
  JSON_HEADERS,
  JSON_TYPE,
  contentLengthHeader,
  etagHeader,
  retryAfterHeader,
} from "../http/headers.ts";
import { untilChanged, untilSettled, type WaitCondition } from "../long-poll/waiter-group.ts";
import { createRenderer, type Fields, type Representation } from "../representation/representation.ts";
import { CachedGet, withPreferenceApplied } from "../representation/response-cache.ts";
import { findState, matchesTag, parseEntityTags, type TagList } from "../request/conditional.ts";
import { createFieldsReader } from "../request/fields.ts";
import { negotiate } from "../request/negotiate.ts";
import { parsePrefer } from "../request/prefer.ts";
import { parseQuery, type Query } from "../request/query.ts";
import { timingOf } from "../timing/retry-after.ts";
import { createEvents } from "./events.ts";

const PARAMETERS = ["fields"];

/** A stream must be requested by its full name: a range such as `text/*` does not select it. */
const BOTH = [JSON_TYPE, EVENTS_TYPE] as const;

/** `GET` of a resource: immediately, by long polling until it has changed or is settled, or as an event stream. */
export function getEndpoint(context: EndpointContext, type: ResourceType): Endpoint {
  const { clock, responseCache } = context;
  const render = createRenderer(type, context);
  const readFields = createFieldsReader(type);
  const events = createEvents(context, type, render);
  const longPoll = createGetLongPoll(context, type, current);
  const refresh = context.refreshers.get(type.name);
  const show = (resource: Resource, fields: Fields): Representation => render(resource, clock.now(), fields);
  const buildAll = (resource: Resource): CachedGet => toCachedGet(show(resource, undefined), resource);

  const respond = (request: EndpointRequest, asked: AskedGet, resource: Resource): MaybePromise<HttpResponse> => {
    const { fields, ifNoneMatch, waitSeconds } = asked;
    if (asked.accepted === EVENTS_TYPE) return events(request, resource, fields);
    if (waitSeconds === undefined) return conditionalResponse(current(resource, fields), ifNoneMatch);
    return longPoll(request, resource, {
      fields,
      noneMatch: parseNoneMatch(ifNoneMatch),
      waitMs: Math.min(waitSeconds * 1000, context.options.waitMs),
    });
  };
  const respondPlaced = (request: EndpointRequest, asked: AskedGet, resource: Resource): MaybePromise<HttpResponse> =>
    type.turnOf === undefined
      ? respond(request, asked, resource)
      : thenMaybe(context.turnQueues.refresh([resource]), () => respond(request, asked, resource));
  const respondRead = (
    request: EndpointRequest,
    asked: AskedGet,
    row: Resource | undefined,
  ): MaybePromise<HttpResponse> => {
    const stored = requireExisting(row, type);
    return refresh === undefined
      ? respondPlaced(request, asked, stored)
      : thenMaybe(refresh(stored), (fresh) => respondPlaced(request, asked, requireExisting(fresh, type)));
  };

  return (request) => {
    const asked = readGet(request.http, readFields);
    const read = readVisible(context, type, request);
    return read instanceof Promise
      ? read.then((row) => respondRead(request, asked, row))
      : respondRead(request, asked, read);
  };

  function current(resource: Resource, fields: Fields): CachedGet {
    return fields === undefined
      ? responseCache.get(resource, timingOf(resource, context.estimates, clock.now()), buildAll)
      : toCachedGet(show(resource, fields), resource);
  }
}

/** The query and the headers of a GET. */
interface AskedGet {
  readonly fields: Fields;
  readonly accepted: (typeof BOTH)[number];
  readonly ifNoneMatch: string | undefined;
  readonly waitSeconds: number | undefined;
}

/** Reads query and headers of a GET. @throws Refusal `invalid-query`, `invalid-header`, `not-acceptable` */
function readGet(http: HttpRequest, readFields: (query: Query) => Fields): AskedGet {
  const fields = readFields(parseQuery(http.query, PARAMETERS));
  const accept = http.header("accept");
  const accepted = negotiate(accept, accept?.includes(EVENTS_TYPE) === true ? BOTH : [JSON_TYPE]);
  const ifNoneMatch = http.header("if-none-match");
  if (accepted === EVENTS_TYPE) parseNoneMatch(ifNoneMatch);
  const { waitSeconds } = parsePrefer(http.header("prefer"));
  return { fields, accepted, ifNoneMatch, waitSeconds };
}

function parseNoneMatch(header: string | undefined): TagList | undefined {
  return parseEntityTags(header, "If-None-Match");
}

/** The parameters of a GET with `Prefer: wait`. */
interface LongPollParameters {
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
 * Creates the long polling of a GET: it waits until the representation differs from those in `If-None-Match`, or
 * without that header until the resource is settled.
 *
 * @param current returns the responses for a row at this moment
 */
function createGetLongPoll(
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
      return withPreferenceApplied(matchedResponse(current(first, fields), noneMatch), waitMs);
    }
    return respondAfterWait(request, parameters, isSatisfied);
  };

  /**
   * Waits and responds. Keeps its closure small: thousands of waiters hold only these locals, never a row or a
   * representation.
   */
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
    await context.turnQueues.refresh([resource]);
    const cached = current(resource, fields);
    // If the wait was not satisfied, at most the time remaining and the position in a queue have changed. Only the position
    // counts as a change, and only here: otherwise a queue that moves would end each wait at once.
    const sentTag =
      noneMatch === undefined || result.end === "satisfied" ? undefined : findState(noneMatch, cached.tag, true);
    return sentTag === undefined
      ? cached.fullAfterWait(waitMs)
      : withPreferenceApplied(withEtag(cached.notModified, sentTag), waitMs, true);
  }
}

/** Returns the full response, or 304 if `If-None-Match` lists its tag. @throws Refusal `invalid-header` */
function conditionalResponse(cached: CachedGet, ifNoneMatch: string | undefined): HttpResponse {
  if (ifNoneMatch === undefined) return cached.full;
  // Most clients send the tag as they got it, and mostly it is current.
  return ifNoneMatch === cached.etag ? cached.notModified : matchedResponse(cached, parseNoneMatch(ifNoneMatch));
}

function matchedResponse(cached: CachedGet, noneMatch: TagList | undefined): HttpResponse {
  return noneMatch !== undefined && matchesTag(noneMatch, cached.tag) ? cached.notModified : cached.full;
}

/** Replaces the ETag by the one that the client sent, when only the time remaining differs. */
function withEtag(response: HttpResponse, tag: string): HttpResponse {
  const [name = "", value = ""] = etagHeader(tag);
  return { ...response, headers: response.headers.with(response.headers.indexOf(name) + 1, value) };
}

function toCachedGet(shown: Representation, { updatedAt }: Resource): CachedGet {
  const modified = ["Last-Modified", new Date(updatedAt).toUTCString()];
  const headers = [
    ...JSON_HEADERS,
    ...etagHeader(shown.tag),
    ...modified,
    ...retryAfterHeader(shown),
    ...contentLengthHeader(shown.text),
  ];
  return new CachedGet(shown.tag, { status: 200, headers, body: shown.text }, () => notModified(shown));
}

function notModified(shown: Representation): HttpResponse {
  return { status: 304, headers: [...BODILESS_HEADERS, ...etagHeader(shown.tag), ...retryAfterHeader(shown)] };
}
