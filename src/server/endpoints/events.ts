import type { ResourceType } from "../../core/definition/resource-type.ts";
import type { Resource } from "../../core/resource.ts";
import { existing, isStillAuthorized } from "../access/visibility.ts";
import type { EndpointRequest, EndpointContext } from "../context.ts";
import { countWhileOpen, STREAM_HEADERS } from "../http/event-stream.ts";
import type { HttpResponse } from "../http/exchange.ts";
import { BODILESS_HEADERS } from "../http/headers.ts";
import type { WaitResult } from "../long-poll/waiter-group.ts";
import { untilChanged } from "../long-poll/waiter-group.ts";
import type { Fields, Render, Representation } from "../representation/representation.ts";
import { stateOf } from "../request/conditional.ts";

/** After how long a browser comes back when a stream was cut. */
const RECONNECT_MS = 3000;

type Events = (request: EndpointRequest, first: Resource, fields: Fields) => HttpResponse;

/**
 * Server-sent events of one resource: `resource` with each new state, the last one settled; `deleted` where it comes to that.
 * Every event is the whole state, so what a slow client missed in between is not sent after.
 *
 * @see https://html.spec.whatwg.org/multipage/server-sent-events.html
 */
export function createEvents(context: EndpointContext, type: ResourceType, represent: Render): Events {
  const { clock, longPolls: hub, options, streams } = context;
  return (request, first, fields) => {
    const show = (resource: Resource): Representation => represent(resource, clock.now(), fields);
    const last = lastState(request.http.header("last-event-id"));
    // To a browser that has the last event this says: do not come back.
    if (first.operation.settledAt !== null && last === stateOf(show(first).tag)) {
      return { status: 204, headers: BODILESS_HEADERS };
    }
    return { status: 200, headers: STREAM_HEADERS, body: countWhileOpen(streams, stream(request, first, show, last)) };
  };

  async function* stream(
    request: EndpointRequest,
    first: Resource,
    show: (resource: Resource) => Representation,
    last: string,
  ): AsyncGenerator<string> {
    const key = { type: type.name, id: request.id };
    const isShowing = (state: string) => (now: Resource) => stateOf(show(now).tag) === state;
    let seen = last;
    let resource = first;
    yield `retry: ${RECONNECT_MS}\n\n`;
    for (;;) {
      const shown = show(resource);
      if (stateOf(shown.tag) !== seen) yield eventOf(shown);
      seen = stateOf(shown.tag);
      if (resource.operation.settledAt !== null) return;

      const isOver = untilChanged(isShowing(stateOf(shown.tag)));
      const released: WaitResult = await hub.waitFor({
        key,
        ms: options.heartbeatMs,
        request: request.http,
        principalId: request.principal?.id,
        isSatisfied: isOver,
      });
      if (released.end !== "satisfied" && released.end !== "timeout") return;
      const now = released.end === "satisfied" ? released.resource : undefined;
      // To those who come back it is told why.
      if (!(await isStillAuthorized(context, type, request, now))) return;
      if (released.end === "timeout") {
        yield ": still in progress\n\n";
        continue;
      }
      const next: Resource | undefined = existing(now);
      if (next === undefined) {
        yield `event: deleted\ndata: ${JSON.stringify({ id: request.id })}\n\n`;
        return;
      }
      resource = next;
    }
  }
}

function eventOf({ tag, text }: Representation): string {
  // A line break can stand between the tokens of a JSON text alone, where a space says the same.
  return `event: resource\nid: "${tag}"\ndata: ${text.replaceAll(/[\r\n]+/g, " ")}\n\n`;
}

function lastState(header: string | undefined): string {
  return stateOf((header ?? "").replaceAll('"', ""));
}
