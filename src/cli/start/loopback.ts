import { silentLog } from "../../core/ports/log.ts";
import type { NodeListener } from "../../server/http/node-listener.ts";
import { problemResponse, Refusal } from "../../server/http/problems.ts";

const LOOPBACK = /^(?:(?:[a-z0-9-]+\.)*localhost|127(?:\.\d{1,3}){3}|::1|\[::1\])$/i;

/** Whether only this machine is reached under a name. */
export function isLoopback(host: string): boolean {
  return LOOPBACK.test(host);
}

/**
 * Answers requests for a loopback name alone. A page of any site can have its own name lead to 127.0.0.1, and so would read and change
 * everything on a server that asks nobody who it is; but the name stays in `Host`.
 */
export function loopbackOnly(listener: NodeListener): NodeListener {
  // Clients come under one or two names, again and again.
  let known: string | undefined;
  return (incoming, response) => {
    const host = incoming.headers.host;
    if (host === known || isForLoopback(host)) {
      known = host;
      listener(incoming, response);
      return;
    }
    const refusal = new Refusal(
      "forbidden",
      "This server asks nobody who it is, so it answers under localhost and 127.0.0.1 alone; add authentication, or start it with --open.",
    );
    const [path = "/"] = (incoming.url ?? "/").split("?");
    const { status, headers, body } = problemResponse(refusal, path, silentLog);
    response.writeHead(status, [...headers, "Connection", "close"]).end(body);
  };
}

function isForLoopback(host: string | undefined): boolean {
  return host === undefined || isLoopback(host.replace(/:\d+$/, ""));
}
