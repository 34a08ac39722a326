export { closeWith, type CloseWithOptions } from "./close-with.ts";
export { fetchMiddleware, middleware, type Middleware, type MiddlewareOptions } from "./middleware.ts";
export type { MountedApp } from "./api-mount.ts";
export type { Mount, MountedRoute } from "../server/http/mount.ts";
export { mergeOpenApi } from "./openapi/merge-open-api.ts";
