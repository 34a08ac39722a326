export { nodeListener, type NodeListener, type NodeListenerOptions, serverLimits } from "./http/node-listener.ts";
export { fetchHandler, type FetchHandlerOptions } from "./http/fetch.ts";
export type { Handler, HttpBody, HttpRequest, HttpResponse } from "./http/exchange.ts";
export type { Principal } from "../core/principal.ts";
export type { Access, Authenticate, AuthenticateRequest, Authorize } from "./access/access.ts";
export type { ServerOptions } from "./options.ts";
