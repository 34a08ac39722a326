import type { IncomingMessage, ServerResponse } from "node:http";
import type { Log } from "../../core/ports/log.ts";
import type { Clock } from "../../core/scheduling/clock.ts";
import type { HttpResponse } from "./exchange.ts";
import { withContentLength } from "./headers.ts";
import type { LargeResponses } from "./large-responses.ts";

/** The dependencies of sending, which all requests of a server share. */
export interface Sender {
  readonly clock: Pick<Clock, "after">;
  readonly log: Log;
  readonly largeResponses: LargeResponses;
}

/** Sends a response over `node:http`. */
export function send(
  { status, headers, body, close }: HttpResponse,
  incoming: IncomingMessage,
  response: ServerResponse,
  { clock, log, largeResponses }: Sender,
): void {
  if (response.destroyed) return;
  const isUnread = close === true || !(incoming.complete || isDrained(incoming));
  const allHeaders = isUnread ? [...headers, "Connection", "close"] : headers;
  if (typeof body === "object" && !(body instanceof Uint8Array)) {
    response.writeHead(status, [...allHeaders]);
    void pipe(body, response, log);
    return;
  }
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- `writeHead` only reads the headers, and a copy takes time
  response.writeHead(status, withContentLength(status, allHeaders, body) as string[]);
  response.end(body);
  if (body !== undefined) largeResponses.add(response, body.length);
  if (isUnread) linger(incoming, clock);
}

/** Maximum size of an unread body that is drained, so that the connection can be reused. */
const MAX_DRAINED_BYTES = 65_536;

function isDrained(incoming: IncomingMessage): boolean {
  const { headers } = incoming;
  const length = headers["content-length"];
  const isSmall = length === undefined || Number(length) <= MAX_DRAINED_BYTES;
  return isSmall && headers["transfer-encoding"] === undefined;
}

/**
 * Maximum time and size of a body that a client may keep sending after the response. A connection closed at once would
 * be reset, and the client might never read the response.
 */
const MAX_LINGER_MS = 2000;
const MAX_LINGER_BYTES = 1_048_576;

function linger(incoming: IncomingMessage, clock: Pick<Clock, "after">): void {
  let remainingBytes = MAX_LINGER_BYTES;
  const destroy = (): void => {
    incoming.socket.destroy();
  };
  const cancel = clock.after(MAX_LINGER_MS, destroy);
  incoming.on("data", (chunk: Uint8Array) => {
    remainingBytes -= chunk.length;
    if (remainingBytes < 0) destroy();
  });
  incoming.once("close", cancel).on("error", () => {});
  incoming.resume();
}

/** Writes a stream of texts as fast as the client reads it. */
async function pipe(body: AsyncIterable<string>, response: ServerResponse, log: Log): Promise<void> {
  try {
    for await (const text of body) {
      if (response.destroyed) break;
      if (!response.write(text)) await drained(response);
    }
  } catch (error) {
    log.warn({ error }, "event stream aborted by an error");
  }
  response.end();
}

function drained(response: ServerResponse): Promise<void> {
  return new Promise((resolve) => {
    const end = (): void => {
      response.off("drain", end).off("close", end);
      resolve();
    };
    if (response.destroyed) resolve();
    else response.on("drain", end).on("close", end);
  });
}
