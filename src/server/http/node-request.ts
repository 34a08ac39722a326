import type { IncomingMessage, ServerResponse } from "node:http";
import type { HttpRequest } from "./exchange.ts";
import { type BodyLimits, readIncoming } from "./read-body.ts";

/** The parts of a request that a framework on `node:http` knows better than the request itself. */
export interface NodeHost {
  /** The framework's own request. @default the request of `node:http` */
  readonly host?: unknown;
  /** Path and query that the client sent. @default the `url` of the request */
  readonly url?: string | undefined;
}

/** Adapts a request of `node:http` for the handler. */
export class NodeRequest implements HttpRequest {
  readonly method: string;
  readonly path: string;
  readonly query: string;
  readonly host: unknown;
  readonly #incoming: IncomingMessage;
  readonly #response: ServerResponse;
  readonly #limits: Omit<BodyLimits, "onReading">;

  constructor(
    incoming: IncomingMessage,
    response: ServerResponse,
    limits: Omit<BodyLimits, "onReading">,
    given?: NodeHost,
  ) {
    const target = targetOf(given?.url ?? incoming.url ?? "/");
    this.host = given?.host ?? incoming;
    const queryStart = target.indexOf("?");
    this.method = incoming.method ?? "GET";
    this.path = queryStart === -1 ? target : target.slice(0, queryStart);
    this.query = queryStart === -1 ? "" : target.slice(queryStart + 1);
    this.#incoming = incoming;
    this.#response = response;
    this.#limits = limits;
  }

  header(name: string): string | undefined {
    const value = this.#incoming.headers[name];
    return typeof value === "object" ? value.join(", ") : value;
  }

  headers(): Headers {
    const { rawHeaders } = this.#incoming;
    const headers = new Headers();
    for (let index = 0; index < rawHeaders.length; index += 2) {
      headers.append(rawHeaders[index] ?? "", rawHeaders[index + 1] ?? "");
    }
    return headers;
  }

  origin(): string | undefined {
    const host = this.header("host");
    if (host === undefined || !/^[A-Za-z0-9.:[\]_-]+$/.test(host)) return undefined;
    return `${"encrypted" in this.#incoming.socket ? "https" : "http"}://${host}`;
  }

  readBody(limit: number): Promise<Uint8Array> {
    return readIncoming(this.#incoming, limit, { ...this.#limits, onReading: () => this.#continue() });
  }

  /** Sends `100 Continue` to a client that waits for it. Called when the body is about to be read, not before. */
  #continue(): void {
    const isExpected = /^100-continue$/i.test(this.header("expect") ?? "");
    if (isExpected && !this.#response.headersSent) this.#response.writeContinue();
  }

  onGone(callback: () => void): () => void {
    const response = this.#response;
    if (response.destroyed) queueMicrotask(callback);
    response.once("close", callback);
    return () => {
      response.off("close", callback);
    };
  }
}

/** True if the path of a request target begins with `prefix`, which contains no `?`. */
export function hasPathPrefix(url: string | undefined, prefix: string): boolean {
  return url?.startsWith(prefix) === true || pathOf(url).startsWith(prefix);
}

/** Returns the path of a request target, without its query. */
export function pathOf(url = "/"): string {
  const target = targetOf(url);
  const queryStart = target.indexOf("?");
  return queryStart === -1 ? target : target.slice(0, queryStart);
}

/** Returns path and query of a request target, which is a whole URL if a proxy sent it. */
function targetOf(url: string): string {
  if (url.startsWith("/")) return url;
  const absolute = URL.parse(url);
  return absolute === null ? url : absolute.pathname + absolute.search;
}
