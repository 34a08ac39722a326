import type { AppParts } from "../../src/app/create-app.ts";
import { mcpHandler } from "../../src/mcp/index.ts";
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

/** Lists every path outside the API, as `afoot start` mounts them. */
export function pageRoutes(app: AppParts): readonly ServedRoute[] {
  const agents = app.options.mcp === false ? [] : [mcpHandler(app)];
  const mounts = [app.health(), app.pages({ metrics: true }), ...agents];
  return mounts.flatMap(({ paths }) => paths.map((path) => ({ path, methods: ["GET", "HEAD"] })));
}
