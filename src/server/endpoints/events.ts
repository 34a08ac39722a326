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
import { positionOf, stateOf, withoutCodingSuffix } from "../request/conditional.ts";

/** Delay before a browser reconnects an interrupted stream. */
const RECONNECT_MS = 3000;

interface StreamParameters {
  readonly show: (resource: Resource) => Representation;
  /** State of the last event that the client has received. */
  readonly lastState: string;
  /** False if the stream must end at once. */
  readonly hasPlace: boolean;
}

type CreateStream = (request: EndpointRequest, first: Resource, fields: Fields) => HttpResponse;

/**
 * Creates the server-sent events of one resource: `resource` for each new state up to the settled one, and `deleted` if
 * the resource is deleted. Each event is a whole representation, so states that a slow client missed are not sent
 * later.
 *
 * @see https://html.spec.whatwg.org/multipage/server-sent-events.html
 */
export function createEvents(context: EndpointContext, type: ResourceType, render: Render): CreateStream {
  const { clock, longPolls, options } = context;
  return (request, first, fields) => {
    const show = (resource: Resource): Representation => render(resource, clock.now(), fields);
    const lastState = parseLastEventId(request.http.header("last-event-id"));
    // A 204 tells a browser that already has the last event not to reconnect.
    if (first.operation.settledAt !== null && lastState === stateOf(show(first).tag)) {
      return { status: 204, headers: BODILESS_HEADERS };
    }
    return {
      status: 200,
      headers: STREAM_HEADERS,
      body: countWhileOpen(context, request.principal?.id, (hasPlace) =>
        stream(request, first, { show, lastState, hasPlace }),
      ),
    };
  };

  async function* stream(
    request: EndpointRequest,
    first: Resource,
    { show, lastState, hasPlace }: StreamParameters,
  ): AsyncGenerator<string> {
    const hasState = (state: string) => (row: Resource) => stateOf(show(row).tag) === state;
    let sent = lastState;
    let resource = first;
    yield `retry: ${RECONNECT_MS}\n\n`;
    for (;;) {
      const representation = show(resource);
      if (stateOf(representation.tag) !== sent) yield formatEvent(representation);
      sent = stateOf(representation.tag);
      if (resource.operation.settledAt !== null || !hasPlace) return;

      const isSatisfied = untilChanged(hasState(stateOf(representation.tag)));
      const result: WaitResult = await longPolls.waitFor({
        key: { type: type.name, id: request.id },
        ms: options.heartbeatMs,
        request: request.http,
        principalId: request.principal?.id,
        isSatisfied,
        hasPlace,
      });
      if (result.end !== "satisfied" && result.end !== "timeout") return;
      const row = result.end === "satisfied" ? result.resource : undefined;
      // A client that reconnects gets the reason as a problem.
      if (!(await isStillAuthorized(context, request, row))) return;
      if (result.end === "timeout") {
        await context.turnQueues.refresh([resource]);
        const current = show(resource);
        yield positionOf(current.tag) === positionOf(representation.tag)
          ? ": still in progress\n\n"
          : formatEvent(current);
        continue;
      }
      const next: Resource | undefined = existing(row);
      if (next === undefined) {
        yield `event: deleted\ndata: ${JSON.stringify({ id: request.id })}\n\n`;
        return;
      }
      await context.turnQueues.refresh([next]);
      resource = next;
    }
  }
}

function formatEvent({ tag, text }: Representation): string {
  // Line breaks in a JSON text occur only between tokens, where a space is equivalent.
  return `event: resource\nid: "${tag}"\ndata: ${text.replaceAll(/[\r\n]+/g, " ")}\n\n`;
}

/** Returns the state of an event id, which is an entity tag: also without quotes, and as a proxy changes it. */
function parseLastEventId(header: string | undefined): string {
  return stateOf(withoutCodingSuffix((header ?? "").trim().replace(/^W\//, "").replaceAll('"', "")));
}
