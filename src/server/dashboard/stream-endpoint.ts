import type { Resource, ResourceKey } from "../../core/resource.ts";
import { isStillLetIn } from "../access/visibility.ts";
import type { EndpointRequest, Endpoint, EndpointContext } from "../context.ts";
import { counted, STREAM_HEADERS } from "../http/event-stream.ts";
import { Refusal } from "../http/problems.ts";
import { EVENTS_TYPE, negotiate } from "../request/negotiate.ts";
import { listParameter, parseQuery, type Query } from "../request/query.ts";
import { createWatching } from "./change-stream.ts";
import { createWatchers } from "./change-subscribers.ts";
import { isOwnerShown } from "./resources.ts";
import { summaryOf } from "./summary.ts";
import type { Scope, ShownTypes } from "./visible-resources.ts";

const PARAMETERS = ["type", "resources"];

/** As many as one page shows. */
const MOST = 100;

/** After how long a stream ends, and whoever comes back is asked anew who it is. */
const STREAM_MS = 120_000;

/**
 * Server-sent events of the resources that a page shows: `resource` with each as it is now, `gone` where one is there no more, and
 * `news` when others of the same types have changed.
 */
export function watchEndpoint(serving: EndpointContext, shown: ShownTypes): Endpoint {
  const watchers = createWatchers(serving.broker);
  const watching = createWatching(serving, watchers);

  return async (call) => {
    const query = parseQuery(call.request.query, PARAMETERS);
    const accept = call.request.header("accept") ?? "";
    // A range such as */* asks for no stream: that has to be named.
    negotiate(accept.includes(EVENTS_TYPE) ? accept : "none/none", [EVENTS_TYPE]);
    const scope = await shown.scopeOf(call, query);
    const keys = keysOf(query);
    return { status: 200, headers: STREAM_HEADERS, body: counted(serving.streams, stream(call, scope, keys)) };
  };

  async function* stream(call: EndpointRequest, scope: Scope, keys: readonly ResourceKey[]): AsyncGenerator<string> {
    const sent = new Map<string, string>();
    const types = [...scope.everybodys, ...scope.own].map(({ type }) => type.name);
    for await (const { changed, isNews } of watching({ request: call.request, keys, types, ms: STREAM_MS })) {
      // What is said from now on is for whom it is now; they come back, and are told why.
      if (!(await isStillLetIn(serving, call))) return;
      const events = await Promise.all(changed.map(async (key) => eventOf(call, scope, key, sent)));
      yield `${events.join("")}${isNews ? "event: news\ndata: {}\n\n" : ""}` || ": still there\n\n";
    }
  }

  /** Empty where nothing has changed since it was sent. */
  async function eventOf(
    call: EndpointRequest,
    scope: Scope,
    key: ResourceKey,
    sent: Map<string, string>,
  ): Promise<string> {
    const resource = await serving.read(key);
    const name = `${key.type}/${key.id}`;
    const type = shown.byName.get(key.type);
    const isThere = resource !== undefined && resource.deletedAt === null && (await shown.isShown(call, resource));
    const state = isThere ? `${resource.creation}.${resource.version}` : "gone";
    if (sent.get(name) === state || type === undefined) return "";
    sent.set(name, state);
    if (!isThere) return messageOf("gone", { path: type.type.path, id: key.id });
    return messageOf("resource", summary(scope, resource));
  }

  function summary(scope: Scope, resource: Resource): object {
    const type = shown.byName.get(resource.type);
    return type === undefined ? {} : summaryOf(serving, type, resource, isOwnerShown(scope));
  }

  /** @throws Refusal `invalid-query` */
  function keysOf(query: Query): readonly ResourceKey[] {
    const names = listParameter(query, "resources", new Set()) ?? [];
    if (names.length > MOST) throw new Refusal("invalid-query", `resources: ${names.length} are more than ${MOST}.`);
    return names.map((name) => {
      const [path = "", id = "", ...more] = name.split("/");
      const type = shown.byPath.get(path);
      if (type !== undefined && id !== "" && more.length === 0) return { type: type.type.name, id };
      throw new Refusal("invalid-query", `resources: ${JSON.stringify(name.slice(0, 100))} is no path/id.`);
    });
  }
}

function messageOf(event: string, value: object): string {
  return `event: ${event}\ndata: ${JSON.stringify(value)}\n\n`;
}
