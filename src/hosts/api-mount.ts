import type { AppParts } from "../app/create-app.ts";
import { DASHBOARD_VIEWS } from "../server/dashboard/endpoints.ts";
import type { Mount, MountedRoute } from "../server/http/mount.ts";
import { openapiDocument } from "../server/openapi/document.ts";

/** The part of an app that its hosts use. */
export type MountedApp = Pick<AppParts, "types" | "options" | "handler" | "fetch">;

/** Mounts the API of an app. */
export function apiMount({ types, options, handler, fetch }: MountedApp): Mount {
  const { basePath, bodyMs } = options;
  const { paths } = openapiDocument({ types, options });
  const documented = Object.entries(paths).flatMap(([path, item]) =>
    Object.keys(item).map((method): MountedRoute => ({ method: method.toUpperCase(), path })),
  );
  const views = options.dashboard ? DASHBOARD_VIEWS : [];
  return {
    handler,
    fetch,
    bodyMs,
    paths: [`${basePath}/*`],
    routes: [...documented, ...views.map((view) => ({ method: "GET", path: `${basePath}/dashboard/${view}` }))],
  };
}

/** Returns the mount of an app's API, or a mount itself. */
export function toMount(mounted: MountedApp | Mount): Mount {
  return "paths" in mounted ? mounted : apiMount(mounted);
}
