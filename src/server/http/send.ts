import type { IncomingMessage, ServerResponse } from "node:http";
import type { Log } from "../../core/ports/log.ts";
import type { Clock } from "../../core/scheduling/clock.ts";
import type { HttpResponse } from "./exchange.ts";
import { contentLengthHeader } from "./headers.ts";

interface NodeExchange {
  readonly incoming: IncomingMessage;
  readonly response: ServerResponse;
  readonly clock: Pick<Clock, "after">;
  readonly log: Log;
}

/** Sends an answer over `node:http`. */
export function send({ status, headers, body, close }: HttpResponse, exchange: NodeExchange): void {
  const { incoming, response } = exchange;
  if (response.destroyed) return;
  const isUnread = close === true || !(incoming.complete || isDrained(incoming));
  const allHeaders = isUnread ? [...headers, "Connection", "close"] : headers;
  if (typeof body === "object") {
    response.writeHead(status, [...allHeaders]);
    void pipe(body, exchange);
    return;
  }
  response.writeHead(status, withContentLength(status, allHeaders, body));
  response.end(body);
  if (isUnread) linger(exchange);
}

/** What comes of a body that nobody read is thrown away up to here: to connect anew would cost both sides more. */
const MAX_DRAINED_BYTES = 65_536;

function isDrained(incoming: IncomingMessage): boolean {
  const length = Number(incoming.headers["content-length"] ?? "0");
  return length <= MAX_DRAINED_BYTES && incoming.headers["transfer-encoding"] === undefined;
}

/** What is answered again and again knows its length already. */
function withContentLength(status: number, headers: readonly string[], body: string | undefined): string[] {
  const isSized = status === 204 || status === 304 || headers.includes("Content-Length");
  return isSized ? [...headers] : [...headers, ...contentLengthHeader(body ?? "")];
}

/** How long, and how much, a client may go on sending what nobody reads. Ended at once, it might not see the answer for the error. */
const MAX_LINGER_MS = 2000;
const MAX_LINGER_BYTES = 1_048_576;

function linger({ incoming, clock }: NodeExchange): void {
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

/** Passes on what comes as fast as the client takes it. */
async function pipe(body: AsyncIterable<string>, { response, log }: NodeExchange): Promise<void> {
  try {
    for await (const text of body) {
      if (response.destroyed) break;
      if (!response.write(text)) await drained(response);
    }
  } catch (error) {
    log.warn({ error }, "a stream of events was cut");
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
