import type { HttpRequest } from "../../../src/server/http/exchange.ts";
import type { SimulatedNode } from "../system/node.ts";
import type { Chance } from "../world/chance.ts";
import type { Scheduler } from "../world/scheduler.ts";

export interface ClientRequest {
  readonly method: string;
  readonly path: string;
  readonly query?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: unknown;
}

export interface ClientResponse {
  readonly status: number;
  readonly headers: ReadonlyMap<string, string>;
  readonly text: string;
}

/** Maximum time for which a client waits for a response. */
const TIMEOUT_MS = 30_000;

/** Sends requests to the nodes as clients do: to any of them, over a network that loses requests and responses. */
export class HttpNetwork {
  readonly #scheduler: Scheduler;
  readonly #chance: Chance;
  readonly #nodes: readonly SimulatedNode[];
  /** Probability that a response is lost. */
  lost = 0;
  requests = 0;

  constructor(scheduler: Scheduler, chance: Chance, nodes: readonly SimulatedNode[]) {
    this.#scheduler = scheduler;
    this.#chance = chance;
    this.#nodes = nodes.filter(({ isServer }) => isServer);
  }

  /** Resolves to undefined if there is no response: the request may have taken effect or not. */
  send(request: ClientRequest): Promise<ClientResponse | undefined> {
    const chance = this.#chance;
    this.requests++;
    return new Promise((resolve) => {
      const cancel = this.#scheduler.after(TIMEOUT_MS, () => resolve(undefined));
      const node = chance.pick(this.#nodes);
      const isLost = chance.happens(this.lost);
      const settle = (response: ClientResponse | undefined): void => {
        this.#scheduler.after(chance.between(0.1, 10), () => {
          cancel();
          resolve(isLost ? undefined : response);
        });
      };
      this.#scheduler.after(chance.between(0.1, 10), () => {
        const { boundary, handler } = node;
        if (boundary === undefined || handler === undefined || !boundary.isAlive) {
          settle(undefined);
          return;
        }
        boundary.deliver(() => {
          const { method, path } = request;
          boundary.trace(`${method} ${path}`);
          void Promise.resolve(handler(toHttp(request))).then(({ status, headers, body }) => {
            if (!boundary.isAlive) return;
            boundary.trace(`${status} ${method} ${path}`);
            settle({ status, headers: pairs(headers), text: typeof body === "string" ? body : textOf(body) });
          });
        });
      });
    });
  }
}

function textOf(body: unknown): string {
  return body instanceof Uint8Array ? new TextDecoder().decode(body) : "";
}

function pairs(headers: readonly string[]): ReadonlyMap<string, string> {
  const map = new Map<string, string>();
  for (let index = 0; index < headers.length; index += 2) {
    map.set((headers[index] ?? "").toLowerCase(), headers[index + 1] ?? "");
  }
  return map;
}

function toHttp({ method, path, query = "", headers = {}, body }: ClientRequest): HttpRequest {
  const all: Readonly<Record<string, string>> = {
    ...(body === undefined ? {} : { "content-type": "application/json" }),
    ...headers,
  };
  const bytes = new TextEncoder().encode(body === undefined ? "" : JSON.stringify(body));
  return {
    method,
    path,
    query,
    origin: () => "http://simulation.example",
    header: (name) => all[name],
    headers: () => new Headers(all),
    readBody: async () => bytes,
    onGone: () => () => {},
  };
}
