import type { AppParts } from "../../src/app/create-app.ts";
import { createPages } from "../../src/cli/start/pages.ts";
import { silentLog } from "../../src/core/ports/log.ts";
import type { EndpointContext } from "../../src/server/context.ts";
import type { Route } from "../../src/server/routing/route.ts";
import { createRoutes } from "../../src/server/routing/routes.ts";

/** A path that an app serves. */
export interface ServedRoute {
  /** Contains `{id}` for a resource, `{operation}` for an operation. */
  readonly path: string;
  readonly methods: readonly string[];
}

/** Lists every path that an app's handler serves, as the handler itself matches them. A new route is included without being named. */
export function apiRoutes({ types, options }: AppParts): readonly ServedRoute[] {
  // Endpoints are created and never called.
  const external = { workerRequests: {}, waitingClaims: {} };
  const context = { options, refreshers: new Map(), external } as unknown as EndpointContext;
  const { collections, operation, messages, worker, dashboard } = createRoutes(context, types, []);
  const routeOf = (path: string, route: Route | undefined): ServedRoute[] =>
    route === undefined ? [] : [{ path: options.basePath + path, methods: route.allow.split(", ") }];
  return [
    ...[...collections].flatMap(([name, { collection, resource, members }]) => [
      ...routeOf(`/${name}`, collection),
      ...routeOf(`/${name}/{id}`, resource),
      ...[...members].flatMap(([member, route]) => routeOf(`/${name}/{id}/${member}`, route)),
    ]),
    ...routeOf("/operations/{operation}", operation),
    ...routeOf("/messages", messages),
    ...[...dashboard].flatMap(([view, route]) => routeOf(`/dashboard/${view}`, route)),
    ...[...worker].flatMap(([kind, route]) => routeOf(`/worker/${kind}`, route)),
  ];
}

/** Lists every path outside the API, as Fastify knows them. */
export async function pageRoutes(app: AppParts): Promise<readonly ServedRoute[]> {
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
