import type { ResourceType } from "../../core/definition/resource-type.ts";
import type { Resource } from "../../core/resource.ts";
import { type Eventually, whenThere } from "../../core/scheduling/promises.ts";
import { checkAgain, present, readVisible } from "../access/visibility.ts";
import type { EndpointRequest, Endpoint, EndpointContext } from "../context.ts";
import type { HttpResponse } from "../http/exchange.ts";
import { BODILESS_HEADERS, contentLength, etag, JSON_HEADERS, pacing } from "../http/headers.ts";
import { type IsOver, untilChanged, untilSettled } from "../long-poll/held-group.ts";
import { createRepresentation, type Fields, type Shown } from "../representation/representation.ts";
import { GetAnswer, withApplied } from "../representation/response-cache.ts";
import { isListed, listedState, parseTags, type TagList } from "../request/conditional.ts";
import { createFieldsReading } from "../request/fields.ts";
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
  const { clock, estimates, knownAnswers } = context;
  const represent = createRepresentation(type, estimates);
  const readFields = createFieldsReading(type);
  const events = createEvents(context, type, represent);
  const ask = context.asks.get(type.name);
  const show = (resource: Resource, fields: Fields): Shown => represent(resource, clock.now(), fields);

  return (call) => {
    const { request } = call;
    const fields = readFields(parseQuery(request.query, PARAMETERS));
    const accept = request.header("accept");
    const accepted = negotiate(accept, accept?.includes(EVENTS_TYPE) === true ? BOTH : [JSON_TYPE]);
    const noneMatch = parseTags(request.header("if-none-match"), "If-None-Match");
    const { waitSeconds } = parsePrefer(request.header("prefer"));
    const answered = (resource: Resource): Eventually<HttpResponse> => {
      if (accepted === EVENTS_TYPE) return events(call, resource, fields);
      if (waitSeconds === undefined) return chosen(now(resource, fields), noneMatch);
      return held(call, resource, { fields, noneMatch, waitMs: Math.min(waitSeconds * 1000, context.options.waitMs) });
    };
    return whenThere(readVisible(context, type, call), (found) => {
      const stored = present(found, type);
      return ask === undefined ? answered(stored) : whenThere(ask(stored), (asked) => answered(present(asked, type)));
    });
  };

  function now(resource: Resource, fields: Fields): GetAnswer {
    const build = (): GetAnswer => answerOf(show(resource, fields), resource);
    return fields === undefined
      ? knownAnswers.answer(resource, timingOf(resource, estimates, clock.now()), build)
      : build();
  }

  function held(call: EndpointRequest, first: Resource, asked: Asked): HttpResponse | Promise<HttpResponse> {
    const { fields, noneMatch, waitMs } = asked;
    const isOver =
      noneMatch === undefined
        ? untilSettled
        : untilChanged((resource) => listedState(noneMatch, now(resource, fields).tag) !== undefined);
    if (waitMs === 0 || isOver(first)) return withApplied(chosen(now(first, fields), noneMatch), waitMs);
    return waited(call, asked, isOver);
  }

  /** Of ten thousand that wait here, each keeps what stands in this function: no row, no representation. */
  async function waited(
    call: EndpointRequest,
    { fields, noneMatch, waitMs }: Asked,
    isOver: IsOver,
  ): Promise<HttpResponse> {
    const key = { type: type.name, id: call.id };
    const { request, principal } = call;
    const released = await context.hub.hold({ key, ms: waitMs, request, holder: principal?.id, isOver });
    const found = released.end === "over" ? released.resource : await context.read(key);
    if (principal !== undefined) await checkAgain(context, type, call, found);
    const resource = present(found, type);
    const shown = now(resource, fields);
    // Where the wait was not over, nothing but the text of the time remaining has changed: to the one who waits, that is no change.
    const same = noneMatch === undefined || released.end === "over" ? undefined : listedState(noneMatch, shown.tag);
    return same === undefined ? shown.held(waitMs) : withApplied(withTag(shown.notModified, same), waitMs, true);
  }
}

function chosen(answer: GetAnswer, noneMatch: TagList | undefined): HttpResponse {
  return noneMatch !== undefined && isListed(noneMatch, answer.tag) ? answer.notModified : answer.whole;
}

function answerOf(shown: Shown, { updatedAt }: Resource): GetAnswer {
  const modified = ["Last-Modified", new Date(updatedAt).toUTCString()];
  const headers = [...JSON_HEADERS, ...etag(shown.tag), ...modified, ...pacing(shown), ...contentLength(shown.text)];
  return new GetAnswer(shown.tag, { status: 200, headers, body: shown.text }, () => notModified(shown));
}

function notModified(shown: Shown): HttpResponse {
  return { status: 304, headers: [...BODILESS_HEADERS, ...etag(shown.tag), ...pacing(shown)] };
}

/** The tag that the client knows, in the place of the one that says another time remaining. */
function withTag(response: HttpResponse, tag: string): HttpResponse {
  const [name = "", value = ""] = etag(tag);
  return { ...response, headers: response.headers.with(response.headers.indexOf(name) + 1, value) };
}
