import type { ResourceType } from "../../core/definition/resource-type.ts";
import type { Resource } from "../../core/resource.ts";
import { live, maySeeStill } from "../access/visibility.ts";
import type { EndpointRequest, EndpointContext } from "../context.ts";
import { counted, STREAM_HEADERS } from "../http/event-stream.ts";
import type { HttpResponse } from "../http/exchange.ts";
import { BODILESS_HEADERS } from "../http/headers.ts";
import type { Released } from "../long-poll/held-group.ts";
import { untilChanged } from "../long-poll/held-group.ts";
import type { Fields, Represent, Shown } from "../representation/representation.ts";
import { stateOf } from "../request/conditional.ts";

/** After how long a browser comes back when a stream was cut. */
const RECONNECT_MS = 3000;

type Events = (call: EndpointRequest, first: Resource, fields: Fields) => HttpResponse;

/**
 * Server-sent events of one resource: `resource` with each new state, the last one settled; `deleted` where it comes to that.
 * Every event is the whole state, so what a slow client missed in between is not sent after.
 *
 * @see https://html.spec.whatwg.org/multipage/server-sent-events.html
 */
export function createEvents(serving: EndpointContext, type: ResourceType, represent: Represent): Events {
  const { clock, hub, options, streams } = serving;
  return (call, first, fields) => {
    const show = (resource: Resource): Shown => represent(resource, clock.now(), fields);
    const last = lastState(call.request.header("last-event-id"));
    // To a browser that has the last event this says: do not come back.
    if (first.operation.settledAt !== null && last === stateOf(show(first).tag)) {
      return { status: 204, headers: BODILESS_HEADERS };
    }
    return { status: 200, headers: STREAM_HEADERS, body: counted(streams, stream(call, first, show, last)) };
  };

  async function* stream(
    call: EndpointRequest,
    first: Resource,
    show: (resource: Resource) => Shown,
    last: string,
  ): AsyncGenerator<string> {
    const key = { type: type.name, id: call.id };
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
      const released: Released = await hub.hold({
        key,
        ms: options.heartbeatMs,
        request: call.request,
        holder: call.principal?.id,
        isOver,
      });
      if (released.end !== "over" && released.end !== "time") return;
      const now = released.end === "over" ? released.resource : undefined;
      // To those who come back it is told why.
      if (!(await maySeeStill(serving, type, call, now))) return;
      if (released.end === "time") {
        yield ": still in progress\n\n";
        continue;
      }
      const next: Resource | undefined = live(now);
      if (next === undefined) {
        yield `event: deleted\ndata: ${JSON.stringify({ id: call.id })}\n\n`;
        return;
      }
      resource = next;
    }
  }
}

function eventOf({ tag, text }: Shown): string {
  // A line break can stand between the tokens of a JSON text alone, where a space says the same.
  return `event: resource\nid: "${tag}"\ndata: ${text.replaceAll(/[\r\n]+/g, " ")}\n\n`;
}

function lastState(header: string | undefined): string {
  return stateOf((header ?? "").replaceAll('"', ""));
}
