import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer, type IncomingMessage, request as sendRequest, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import fastify from "fastify";
import { afoot } from "../../../src/hosts/fastify.ts";
import { fetchHandler } from "../../../src/server/http/fetch.ts";
import { nodeListener } from "../../../src/server/http/node-listener.ts";
import type { ServerFixture } from "./fixture.ts";

export interface Sent {
  readonly method?: string;
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** The body; an object is sent as JSON. */
  readonly body?: string | Uint8Array | object;
  readonly signal?: AbortSignal;
}

export interface Got {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
}

/** Sends one request over a transport. */
export type Send = (sent: Sent) => Promise<Got>;

/** A host that a handler is mounted in. */
export interface Mount {
  readonly name: string;
  readonly open: (fixture: ServerFixture) => Promise<{ readonly send: Send; readonly close: () => Promise<void> }>;
}

export function listen(server: Server): Promise<number> {
  server.listen(0, "127.0.0.1");
  return once(server, "listening").then(() => portOf(server));
}

function portOf(server: Server): number {
  return (server.address() as AddressInfo).port;
}

/** Returns the body and headers to send. */
function prepared({ body, headers = {} }: Sent): { headers: Record<string, string>; bytes: Uint8Array | undefined } {
  if (body === undefined) return { headers: { ...headers }, bytes: undefined };
  const isRaw = typeof body === "string" || body instanceof Uint8Array;
  const bytes = body instanceof Uint8Array ? body : Buffer.from(typeof body === "string" ? body : JSON.stringify(body));
  return { headers: { ...(isRaw ? {} : { "content-type": "application/json" }), ...headers }, bytes };
}

/** Sends over a socket. The path is sent as it is, whereas `fetch` would normalize it. */
export function sendTo(port: number): Send {
  return async (sent) => {
    const { headers, bytes } = prepared(sent);
    const outgoing = sendRequest({
      host: "127.0.0.1",
      port,
      path: sent.path,
      method: sent.method ?? "GET",
      agent: false,
      headers: { ...headers, ...(bytes === undefined ? {} : { "content-length": String(bytes.length) }) },
      ...(sent.signal === undefined ? {} : { signal: sent.signal }),
    });
    outgoing.end(bytes);
    const [incoming] = (await once(outgoing, "response")) as [IncomingMessage];
    const chunks: Uint8Array[] = [];
    for await (const chunk of incoming) chunks.push(chunk as Uint8Array);
    const pairs = Object.entries(incoming.headers).flatMap(([name, value]) =>
      value === undefined ? [] : [[name, String(value)] as [string, string]],
    );
    return { status: incoming.statusCode ?? 0, headers: new Headers(pairs), text: Buffer.concat(chunks).toString() };
  };
}

const overNode: Mount = {
  name: "node:http",
  async open({ handler, clock }) {
    const server = createServer(nodeListener(handler, { clock }));
    const send = sendTo(await listen(server));
    return {
      send,
      async close() {
        server.closeAllConnections();
        server.close();
        await once(server, "close");
      },
    };
  },
};

const overFetch: Mount = {
  name: "fetch",
  async open({ handler, clock }) {
    const fetch = fetchHandler(handler, { clock });
    return {
      async send(sent) {
        const { headers, bytes } = prepared(sent);
        const request = new Request(`http://127.0.0.1${sent.path}`, {
          method: sent.method ?? "GET",
          headers,
          body: bytes === undefined ? null : Buffer.from(bytes),
          ...(sent.signal === undefined ? {} : { signal: sent.signal }),
        });
        const response = await fetch(request);
        return { status: response.status, headers: response.headers, text: await response.text() };
      },
      close: async () => {},
    };
  },
};

const overFastify: Mount = {
  name: "fastify",
  async open(fixture) {
    // Ids are longer than the parameters that Fastify accepts by default.
    const server = fastify({ routerOptions: { maxParamLength: 1024 } });
    await server.register(afoot, { app: { ...fixture, fetch: fetchHandler(fixture.handler) }, clock: fixture.clock });
    server.post("/elsewhere", (request) => request.body);
    await server.listen({ port: 0, host: "127.0.0.1" });
    const send = sendTo(portOf(server.server));
    const foreignRoute = await send({ method: "POST", path: "/elsewhere", body: { parsed: true } });
    assert.equal(foreignRoute.text, '{"parsed":true}', "the rest of the user's Fastify is as it was");
    return {
      send,
      async close() {
        server.server.closeAllConnections();
        await server.close();
      },
    };
  },
};

export const MOUNTS: readonly Mount[] = [overNode, overFetch, overFastify];
