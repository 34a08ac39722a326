import type { AppParts } from "../../src/app/create-app.ts";
import { createPages } from "../../src/cli/start/pages.ts";
import { silentLog } from "../../src/core/ports/log.ts";
import type { EndpointContext } from "../../src/server/context.ts";
import type { Place } from "../../src/server/routing/routes.ts";
import { createRoutes } from "../../src/server/routing/routes.ts";

export interface Route {
  /** With `{id}` for a resource's, `{operation}` for an operation's. */
  readonly path: string;
  readonly methods: readonly string[];
}

/** Every path that an app's handler serves, as the handler itself finds them: one that is added is here without being named. */
export function apiRoutes({ types, options }: AppParts): readonly Route[] {
  // Endpoints are made and never called.
  const serving = { options, asks: new Map(), outside: { answers: {}, due: {} } } as unknown as EndpointContext;
  const { collections, operation, messages, worker, dashboard } = createRoutes(serving, types, []);
  const routeOf = (path: string, place: Place | undefined): Route[] =>
    place === undefined ? [] : [{ path: options.basePath + path, methods: place.allow.split(", ") }];
  return [
    ...[...collections].flatMap(([name, { collection, resource, members }]) => [
      ...routeOf(`/${name}`, collection),
      ...routeOf(`/${name}/{id}`, resource),
      ...[...members].flatMap(([member, place]) => routeOf(`/${name}/{id}/${member}`, place)),
    ]),
    ...routeOf("/operations/{operation}", operation),
    ...routeOf("/messages", messages),
    ...[...dashboard].flatMap(([view, place]) => routeOf(`/dashboard/${view}`, place)),
    ...[...worker].flatMap(([kind, place]) => routeOf(`/worker/${kind}`, place)),
  ];
}

/** Every path beside the API, as Fastify knows them. */
export async function pageRoutes(app: AppParts): Promise<readonly Route[]> {
  const fastify = await createPages(app, silentLog);
  const tree = fastify.printRoutes({ commonPrefix: false });
  await fastify.close();
  const above: string[] = [];
  return tree.split("\n").flatMap((line) => {
    const [, indent = "", segment, methods] = /^([│ ]*)[├└]── (\S+) \(([A-Z, ]+)\)/.exec(line) ?? [];
    if (segment === undefined || methods === undefined) return [];
    const depth = indent.length / 4;
    above.length = depth;
    above.push(segment);
    return [{ path: above.join(""), methods: methods.split(", ") }];
  });
}
