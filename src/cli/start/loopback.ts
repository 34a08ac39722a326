import type { IncomingMessage } from "node:http";
import { silentLog } from "../../core/ports/log.ts";
import type { NodeListener } from "../../server/http/node-listener.ts";
import { problemResponse, Refusal } from "../../server/http/problems.ts";

const LOOPBACK = /^(?:(?:[a-z0-9-]+\.)*localhost|127(?:\.\d{1,3}){3}|::1|\[::1\])$/i;

/** Returns true if a host name reaches only this machine. */
export function isLoopback(host: string): boolean {
  return LOOPBACK.test(host);
}

/**
 * Rejects requests whose `Host` is not a loopback name. This prevents DNS rebinding: a website can point its own name at 127.0.0.1
 * and so reach a server without authentication, but `Host` still contains that name.
 */
export function loopbackOnly(listener: NodeListener, problemTypes: string): NodeListener {
  // Consecutive requests usually have the same `Host`.
  let lastHost: string | undefined;
  return (incoming, response) => {
    const host = incoming.headers.host;
    if ((host === lastHost || isLoopbackRequest(host)) && !hasSecondHost(incoming)) {
      lastHost = host;
      listener(incoming, response);
      return;
    }
    const refusal = new Refusal(
      "forbidden",
      "This server has no authentication, so it accepts only the host names localhost and 127.0.0.1. Configure authentication, or start it with --open.",
    );
    const [path = "/"] = (incoming.url ?? "/").split("?");
    const { status, headers, body } = problemResponse(refusal, { path, problemTypes }, silentLog);
    response.writeHead(status, [...headers, "Connection", "close"]).end(body);
  };
}

/** Returns true for a request with several `Host` lines. Node reads the first, and a proxy may have read another. */
function hasSecondHost({ rawHeaders }: IncomingMessage): boolean {
  let count = 0;
  for (let index = 0; index < rawHeaders.length; index += 2) {
    const name = rawHeaders[index] ?? "";
    if (name.length === 4 && name.toLowerCase() === "host" && ++count > 1) return true;
  }
  return false;
}

function isLoopbackRequest(host: string | undefined): boolean {
  return host === undefined || isLoopback(host.replace(/:\d+$/, ""));
}
