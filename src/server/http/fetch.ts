import { setImmediate as nextTick } from "node:timers/promises";
import { AfootError } from "../../core/errors.ts";
import type { Principal } from "../../core/principal.ts";
import { type Clock, systemClock } from "../../core/scheduling/clock.ts";
import type { CallerTransaction, Handler, HttpBody, HttpRequest } from "./exchange.ts";
import { withContentLength } from "./headers.ts";
import { bodyConsumed, bodyTooLarge, bodyTimeout } from "./read-body.ts";

/** Options of {@link fetchHandler}. */
export interface FetchHandlerOptions {
  /** Maximum time for a body to arrive. @default 30000 */
  readonly bodyMs?: number | undefined;
  /** Source of time. @default the system clock */
  readonly clock?: Pick<Clock, "after">;
  /** Treats all requests as sent by this process itself: not authenticated, with full access. @default false */
  readonly trusted?: boolean;
  /** The principal that trusted requests act for, with its access only. @default none: full access */
  readonly principal?: Principal;
  /** The transaction that trusted writes join. @default none */
  readonly transaction?: CallerTransaction;
}

/**
 * Serves one request of a host that uses the Web standards.
 *
 * @param host the host's own request, such as a Hono context, for `authenticate`; by default the request itself
 */
export type Fetch = (request: Request, host?: unknown) => Promise<Response>;

/** Serves a handler to hosts that use the Web standards `Request` and `Response`. */
export function fetchHandler(handler: Handler, options: FetchHandlerOptions = {}): Fetch {
  const { bodyMs = 30_000, clock = systemClock, trusted = false, principal, transaction } = options;
  const sender = {
    trusted,
    ...(trusted && principal !== undefined ? { principal } : {}),
    ...(trusted && transaction !== undefined ? { transaction } : {}),
  };
  return async (request, host = request) => {
    const response = handler({ ...fromWeb(request, bodyMs, clock), host, ...sender });
    // A loop over immediate responses would only run microtasks and starve the event loop of I/O.
    if (!(response instanceof Promise)) await nextTick();
    const { status, headers, body } = await response;
    const isStream = typeof body === "object" && !(body instanceof Uint8Array);
    const isSized = isStream || trusted || request.method === "HEAD";
    const sent = isSized ? headers : withContentLength(status, headers, body);
    return new Response(toWeb(body), { status, headers: pairsOf(sent) });
  };
}

function fromWeb(request: Request, bodyMs: number, clock: Pick<Clock, "after">): HttpRequest {
  const { pathname, search, origin } = new URL(request.url);
  return {
    method: request.method,
    path: pathname,
    query: search.slice(1),
    origin: () => origin,
    header: (name) => request.headers.get(name) ?? undefined,
    headers: () => request.headers,
    readBody: (limit) => readWeb(request, limit, { bodyMs, clock }),
    onGone(callback) {
      const { signal } = request;
      if (signal.aborted) queueMicrotask(callback);
      signal.addEventListener("abort", callback, { once: true });
      return () => {
        signal.removeEventListener("abort", callback);
      };
    },
  };
}

interface BodyLimits {
  readonly bodyMs: number;
  readonly clock: Pick<Clock, "after">;
}

async function readWeb(request: Request, limit: number, { bodyMs, clock }: BodyLimits): Promise<Uint8Array> {
  const { body, headers } = request;
  if (request.bodyUsed) throw bodyConsumed();
  if (Number(headers.get("content-length")) > limit) throw bodyTooLarge(limit);
  if (body === null) return new Uint8Array(0);
  const reader = body.getReader();
  const timeout = Promise.withResolvers<never>();
  const cancel = clock.after(bodyMs, () => timeout.reject(bodyTimeout(bodyMs)));
  try {
    return await Promise.race([readAll(reader, limit), timeout.promise]);
  } catch (error) {
    void reader.cancel().catch(() => {});
    throw error instanceof AfootError
      ? error
      : new AfootError("client-gone", "The client disconnected while sending the body.", { cause: error });
  } finally {
    cancel();
  }
}

async function readAll(reader: ReadableStreamDefaultReader<Uint8Array>, limit: number): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return Buffer.concat(chunks);
    size += value.length;
    if (size > limit) throw bodyTooLarge(limit);
    chunks.push(value);
  }
}

function pairsOf(headers: readonly string[]): [string, string][] {
  const pairs: [string, string][] = [];
  for (let index = 0; index < headers.length; index += 2) {
    pairs.push([headers[index] ?? "", headers[index + 1] ?? ""]);
  }
  return pairs;
}

function toWeb(body: HttpBody): string | Uint8Array<ArrayBuffer> | ReadableStream<Uint8Array> | null {
  if (body === undefined) return null;
  if (typeof body === "string" || body instanceof Uint8Array) return body;
  const texts = body[Symbol.asyncIterator]();
  const encoder = new TextEncoder();
  return new ReadableStream<Uint8Array>({
    async pull(controller) {
      const next: IteratorResult<string, unknown> = await texts.next();
      if (next.done === true) controller.close();
      else controller.enqueue(encoder.encode(next.value));
    },
    async cancel() {
      await texts.return?.();
    },
  });
}
