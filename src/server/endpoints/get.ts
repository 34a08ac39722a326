import type { ResourceType } from "../../core/definition/resource-type.ts";
import type { Resource } from "../../core/resource.ts";
import { type MaybePromise, thenMaybe } from "../../core/scheduling/promises.ts";
import { requireExisting, readVisible } from "../access/visibility.ts";
import type { Endpoint, EndpointContext } from "../context.ts";
import type { HttpResponse } from "../http/exchange.ts";
import {
  BODILESS_HEADERS,
  EVENTS_TYPE,
  JSON_HEADERS,
  JSON_TYPE,
  contentLengthHeader,
  etagHeader,
  retryAfterHeader,
} from "../http/headers.ts";
import { createRenderer, type Fields, type Representation } from "../representation/representation.ts";
import { CachedGet } from "../representation/response-cache.ts";
import { parseEntityTags } from "../request/conditional.ts";
import { createFieldsReader } from "../request/fields.ts";
import { negotiate } from "../request/negotiate.ts";
import { parsePrefer } from "../request/prefer.ts";
import { parseQuery } from "../request/query.ts";
import { timingOf } from "../timing/retry-after.ts";
import { createEvents } from "./events.ts";
import { conditionalResponse, createGetLongPoll } from "./get-long-poll.ts";

const PARAMETERS = ["fields"];

/** A stream must be requested by its full name: a range such as `text/*` does not select it. */
const BOTH = [JSON_TYPE, EVENTS_TYPE] as const;

/** `GET` of a resource: immediately, by long polling until it has changed or is settled, or as an event stream. */
export function getEndpoint(context: EndpointContext, type: ResourceType): Endpoint {
  const { clock, estimates, responseCache } = context;
  const render = createRenderer(type, estimates);
  const readFields = createFieldsReader(type);
  const events = createEvents(context, type, render);
  const longPoll = createGetLongPoll(context, type, current);
  const refresh = context.refreshers.get(type.name);
  const show = (resource: Resource, fields: Fields): Representation => render(resource, clock.now(), fields);

  return (request) => {
    const { http } = request;
    const fields = readFields(parseQuery(http.query, PARAMETERS));
    const accept = http.header("accept");
    const accepted = negotiate(accept, accept?.includes(EVENTS_TYPE) === true ? BOTH : [JSON_TYPE]);
    const noneMatch = parseEntityTags(http.header("if-none-match"), "If-None-Match");
    const { waitSeconds } = parsePrefer(http.header("prefer"));
    const respond = (resource: Resource): MaybePromise<HttpResponse> => {
      if (accepted === EVENTS_TYPE) return events(request, resource, fields);
      if (waitSeconds === undefined) return conditionalResponse(current(resource, fields), noneMatch);
      return longPoll(request, resource, {
        fields,
        noneMatch,
        waitMs: Math.min(waitSeconds * 1000, context.options.waitMs),
      });
    };
    return thenMaybe(readVisible(context, type, request), (row) => {
      const stored = requireExisting(row, type);
      return refresh === undefined
        ? respond(stored)
        : thenMaybe(refresh(stored), (refreshed) => respond(requireExisting(refreshed, type)));
    });
  };

  function current(resource: Resource, fields: Fields): CachedGet {
    const build = (): CachedGet => toCachedGet(show(resource, fields), resource);
    return fields === undefined
      ? responseCache.get(resource, timingOf(resource, estimates, clock.now()), build)
      : build();
  }
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
