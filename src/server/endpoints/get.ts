import type { ResourceType } from "../../core/definition/resource-type.ts";
import type { Resource } from "../../core/resource.ts";
import { type MaybePromise, thenSync } from "../../core/scheduling/promises.ts";
import { reauthorize, requireExisting, readVisible } from "../access/visibility.ts";
import type { EndpointRequest, Endpoint, EndpointContext } from "../context.ts";
import type { HttpResponse } from "../http/exchange.ts";
import { BODILESS_HEADERS, contentLengthHeader, etagHeader, JSON_HEADERS, retryAfterHeader } from "../http/headers.ts";
import { type WaitCondition, untilChanged, untilSettled } from "../long-poll/waiter-group.ts";
import { createRenderer, type Fields, type Representation } from "../representation/representation.ts";
import { CachedGet, withPreferenceApplied } from "../representation/response-cache.ts";
import { matchesTag, findState, parseEntityTags, type TagList } from "../request/conditional.ts";
import { createFieldsReader } from "../request/fields.ts";
import { EVENTS_TYPE, JSON_TYPE, negotiate } from "../request/negotiate.ts";
import { parsePrefer } from "../request/prefer.ts";
import { parseQuery } from "../request/query.ts";
import { timingOf } from "../timing/retry-after.ts";
import { createEvents } from "./events.ts";

const PARAMETERS = ["fields"];

/** A range such as `text/*` asks for no stream: that has to be named. */
const BOTH = [JSON_TYPE, EVENTS_TYPE] as const;

/** What one GET asks for. */
export interface Asked {
  readonly fields: Fields;
  readonly noneMatch: TagList | undefined;
  readonly waitMs: number;
}

/** `GET` of a resource: as it is, when it has changed, when it is settled, or as a stream of events. */
export function getEndpoint(context: EndpointContext, type: ResourceType): Endpoint {
  const { clock, estimates, responseCache: knownAnswers } = context;
  const represent = createRenderer(type, estimates);
  const readFields = createFieldsReader(type);
  const events = createEvents(context, type, represent);
  const ask = context.refreshers.get(type.name);
  const show = (resource: Resource, fields: Fields): Representation => represent(resource, clock.now(), fields);

  return (request) => {
    const { http } = request;
    const fields = readFields(parseQuery(http.query, PARAMETERS));
    const accept = http.header("accept");
    const accepted = negotiate(accept, accept?.includes(EVENTS_TYPE) === true ? BOTH : [JSON_TYPE]);
    const noneMatch = parseEntityTags(http.header("if-none-match"), "If-None-Match");
    const { waitSeconds } = parsePrefer(http.header("prefer"));
    const answered = (resource: Resource): MaybePromise<HttpResponse> => {
      if (accepted === EVENTS_TYPE) return events(request, resource, fields);
      if (waitSeconds === undefined) return chosen(now(resource, fields), noneMatch);
      return held(request, resource, {
        fields,
        noneMatch,
        waitMs: Math.min(waitSeconds * 1000, context.options.waitMs),
      });
    };
    return thenSync(readVisible(context, type, request), (found) => {
      const stored = requireExisting(found, type);
      return ask === undefined
        ? answered(stored)
        : thenSync(ask(stored), (asked) => answered(requireExisting(asked, type)));
    });
  };

  function now(resource: Resource, fields: Fields): CachedGet {
    const build = (): CachedGet => answerOf(show(resource, fields), resource);
    return fields === undefined
      ? knownAnswers.answer(resource, timingOf(resource, estimates, clock.now()), build)
      : build();
  }

  function held(request: EndpointRequest, first: Resource, asked: Asked): HttpResponse | Promise<HttpResponse> {
    const { fields, noneMatch, waitMs } = asked;
    const isOver =
      noneMatch === undefined
        ? untilSettled
        : untilChanged((resource) => findState(noneMatch, now(resource, fields).tag) !== undefined);
    if (waitMs === 0 || isOver(first)) return withPreferenceApplied(chosen(now(first, fields), noneMatch), waitMs);
    return waited(request, asked, isOver);
  }

  /** Of ten thousand that wait here, each keeps what stands in this function: no row, no representation. */
  async function waited(
    request: EndpointRequest,
    { fields, noneMatch, waitMs }: Asked,
    isOver: WaitCondition,
  ): Promise<HttpResponse> {
    const key = { type: type.name, id: request.id };
    const { http, principal } = request;
    const released = await context.longPolls.waitFor({
      key,
      ms: waitMs,
      request: http,
      principalId: principal?.id,
      isSatisfied: isOver,
    });
    const found = released.end === "satisfied" ? released.resource : await context.read(key);
    if (principal !== undefined) await reauthorize(context, type, request, found);
    const resource = requireExisting(found, type);
    const shown = now(resource, fields);
    // Where the wait was not over, nothing but the text of the time remaining has changed: to the one who waits, that is no change.
    const same = noneMatch === undefined || released.end === "satisfied" ? undefined : findState(noneMatch, shown.tag);
    return same === undefined
      ? shown.fullAfterWait(waitMs)
      : withPreferenceApplied(withTag(shown.notModified, same), waitMs, true);
  }
}

function chosen(answer: CachedGet, noneMatch: TagList | undefined): HttpResponse {
  return noneMatch !== undefined && matchesTag(noneMatch, answer.tag) ? answer.notModified : answer.full;
}

function answerOf(shown: Representation, { updatedAt }: Resource): CachedGet {
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

/** The tag that the client knows, in the place of the one that says another time remaining. */
function withTag(response: HttpResponse, tag: string): HttpResponse {
  const [name = "", value = ""] = etagHeader(tag);
  return { ...response, headers: response.headers.with(response.headers.indexOf(name) + 1, value) };
}
