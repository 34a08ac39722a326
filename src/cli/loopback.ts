import type { IncomingMessage } from "node:http";
import { silentLog } from "../core/log.ts";
import type { NodeListener } from "../server/http/node-listener.ts";
import { problemResponse, Refusal } from "../server/problems.ts";

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
  return (incoming, response) => {
    if (isForLoopback(incoming)) {
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

function isForLoopback({ headers: { host } }: IncomingMessage): boolean {
  return host === undefined || isLoopback(host.replace(/:\d+$/, ""));
}
