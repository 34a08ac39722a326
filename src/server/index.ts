export { nodeListener, type NodeListener, type NodeListenerOptions, serverLimits } from "./http/node-listener.ts";
export { fetchHandler, type FetchHandlerOptions } from "./http/fetch.ts";
export type { Handler, HttpBody, HttpRequest, HttpResponse } from "./http/exchange.ts";
export type { Authenticate, Authorize, Principal } from "./access/access.ts";
export type { ServerOptions } from "./options.ts";
