import { type Resource, type ResourceKey, resourceKeyText } from "../../core/resource.ts";
import { isStillAuthenticated } from "../access/visibility.ts";
import type { EndpointRequest, Endpoint, EndpointContext } from "../context.ts";
import { countWhileOpen, STREAM_HEADERS } from "../http/event-stream.ts";
import { EVENTS_TYPE } from "../http/headers.ts";
import { Refusal } from "../http/problems.ts";
import { negotiate } from "../request/negotiate.ts";
import { listParameter, parseQuery, type Query } from "../request/query.ts";
import { createChangeStream } from "./change-stream.ts";
import { createChangeSubscribers } from "./change-subscribers.ts";
import { isOwnerShown } from "./resources.ts";
import { summaryOf } from "./summary.ts";
import type { VisibleScope, VisibleTypes } from "./visible-resources.ts";

const PARAMETERS = ["type", "resources"];

/** Maximum resources per stream: the number that one page shows. */
const MAX_RESOURCES = 100;

/** State of a resource that does not exist for the client. */
const GONE = "gone";

/** Maximum duration of a stream. The client reconnects and is authenticated again. */
const MAX_STREAM_MS = 120_000;

/**
 * Streams server-sent events for the resources on a page: `resource` with the present summary, `gone` for a deleted or hidden one, and
 * `others-changed` when other resources of the same types have changed.
 */
export function streamEndpoint(context: EndpointContext, visibleTypes: VisibleTypes): Endpoint {
  const subscribers = createChangeSubscribers(context.broker);
  const streamChanges = createChangeStream(context, subscribers);

  return async (request) => {
    const query = parseQuery(request.http.query, PARAMETERS);
    const accept = request.http.header("accept") ?? "";
    // A range such as */* does not request a stream: the client must name the media type.
    negotiate(accept.includes(EVENTS_TYPE) ? accept : "none/none", [EVENTS_TYPE]);
    const scope = await visibleTypes.scopeOf(request, query);
    const keys = parseKeys(query, visibleTypes);
    return {
      status: 200,
      headers: STREAM_HEADERS,
      body: countWhileOpen(context, request.principal?.id, (hasPlace) =>
        eventsOf(request, scope, keys, hasPlace ? MAX_STREAM_MS : 0),
      ),
    };
  };

  async function* eventsOf(
    request: EndpointRequest,
    scope: VisibleScope,
    keys: readonly ResourceKey[],
    maxMs: number,
  ): AsyncGenerator<string> {
    const sent = new Map<string, string>();
    for await (const { changed, haveOthersChanged, isHeartbeat } of streamChanges({
      request: request.http,
      keys,
      types: new Set(scope.allOwners.map(({ type }) => type.name)),
      hasOwnTypes: scope.ownOnly.length > 0,
      isHidden: (name) => sent.get(name) === GONE,
      maxMs,
    })) {
      // Credentials may have been revoked meanwhile. The client reconnects and gets the reason.
      if (!(await isStillAuthenticated(context, request))) return;
      const events = await Promise.all(changed.map(async (key) => eventOf(request, scope, key, sent)));
      const text = events.join("") + (haveOthersChanged ? "event: others-changed\ndata: {}\n\n" : "");
      if (text !== "" || isHeartbeat) yield text || ": keep-alive\n\n";
    }
  }

  /** Returns an empty string if the resource has not changed since it was sent. */
  async function eventOf(
    request: EndpointRequest,
    scope: VisibleScope,
    key: ResourceKey,
    sent: Map<string, string>,
  ): Promise<string> {
    const resource = await context.read(key);
    const name = resourceKeyText(key);
    const type = visibleTypes.byName.get(key.type);
    const isVisible =
      resource !== undefined && resource.deletedAt === null && (await visibleTypes.isVisible(request, resource));
    const state = isVisible ? `${resource.creation}.${resource.version}` : GONE;
    if (sent.get(name) === state || type === undefined) return "";
    sent.set(name, state);
    if (!isVisible) return formatEvent("gone", { path: type.type.path, id: key.id });
    return formatEvent("resource", summary(scope, resource));
  }

  function summary(scope: VisibleScope, resource: Resource): object {
    const type = visibleTypes.byName.get(resource.type);
    return type === undefined ? {} : summaryOf(context, type, resource, isOwnerShown(scope));
  }
}

/** @throws Refusal `invalid-query` */
function parseKeys(query: Query, { byPath }: VisibleTypes): readonly ResourceKey[] {
  const names = listParameter(query, "resources", new Set()) ?? [];
  if (names.length > MAX_RESOURCES) {
    throw new Refusal("invalid-query", `resources: ${names.length} resources given; the maximum is ${MAX_RESOURCES}.`);
  }
  return names.map((name) => {
    const [path = "", id = "", ...more] = name.split("/");
    const type = byPath.get(path);
    if (type !== undefined && id !== "" && more.length === 0) return { type: type.type.name, id };
    throw new Refusal(
      "invalid-query",
      `resources: ${JSON.stringify(name.slice(0, 100))} is invalid; the form is path/id.`,
    );
  });
}

function formatEvent(event: string, value: object): string {
  return `event: ${event}\ndata: ${JSON.stringify(value)}\n\n`;
}
