import type { IncomingMessage, ServerResponse } from "node:http";
import type { Log } from "../../core/ports/log.ts";
import type { Clock } from "../../core/scheduling/clock.ts";
import type { HttpResponse } from "./exchange.ts";
import { contentLength } from "./headers.ts";

interface Exchange {
  readonly incoming: IncomingMessage;
  readonly response: ServerResponse;
  readonly clock: Pick<Clock, "after">;
  readonly log: Log;
}

/** Sends an answer over `node:http`. */
export function send({ status, headers, body, close }: HttpResponse, exchange: Exchange): void {
  const { incoming, response } = exchange;
  if (response.destroyed) return;
  const isUnread = close === true || !(incoming.complete || isSmall(incoming));
  const ending = isUnread ? [...headers, "Connection", "close"] : headers;
  if (typeof body === "object") {
    response.writeHead(status, [...ending]);
    void stream(body, exchange);
    return;
  }
  response.writeHead(status, sized(status, ending, body));
  response.end(body);
  if (isUnread) linger(exchange);
}

/** What comes of a body that nobody read is thrown away up to here: to connect anew would cost both sides more. */
const SMALL_BYTES = 65_536;

function isSmall(incoming: IncomingMessage): boolean {
  const length = Number(incoming.headers["content-length"] ?? "0");
  return length <= SMALL_BYTES && incoming.headers["transfer-encoding"] === undefined;
}

/** What is answered again and again knows its length already. */
function sized(status: number, headers: readonly string[], body: string | undefined): string[] {
  const isSized = status === 204 || status === 304 || headers.includes("Content-Length");
  return isSized ? [...headers] : [...headers, ...contentLength(body ?? "")];
}

/** How long, and how much, a client may go on sending what nobody reads. Ended at once, it might not see the answer for the error. */
const LINGER_MS = 2000;
const LINGER_BYTES = 1_048_576;

function linger({ incoming, clock }: Exchange): void {
  let left = LINGER_BYTES;
  const cut = (): void => {
    incoming.socket.destroy();
  };
  const cancel = clock.after(LINGER_MS, cut);
  incoming.on("data", (chunk: Uint8Array) => {
    left -= chunk.length;
    if (left < 0) cut();
  });
  incoming.once("close", cancel).on("error", () => {});
  incoming.resume();
}

/** Passes on what comes as fast as the client takes it. */
async function stream(body: AsyncIterable<string>, { response, log }: Exchange): Promise<void> {
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
