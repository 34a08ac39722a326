import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { JumpingClock } from "../support/stepped-clock.ts";

/** The scripted reply to a request. */
export interface Reply {
  /** @default 200 */
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  /** A string is sent unchanged, any other value as JSON. */
  readonly body?: unknown;
  /** Delay before the reply, on the test's clock. @default 0 */
  readonly afterMs?: number;
  /** `reset` cuts the connection without a reply, `midway` cuts it within the body, `silent` never replies. */
  readonly fault?: "reset" | "midway" | "silent";
}

export interface SeenRequest {
  /** Time on the test's clock. */
  readonly at: number;
  readonly method: string;
  /** Path and query. */
  readonly path: string;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: unknown;
}

export type Script = (request: SeenRequest, count: number) => Reply;

/** Header by which the clock knows the requests that the server keeps waiting. */
const NAME = "x-test-request";
let sent = 0;

/** A real server on a real socket with a scripted reply, good or bad, to each request. */
export class ScriptedServer {
  readonly requests: SeenRequest[] = [];
  origin = "";
  readonly #server: Server;
  readonly #clock: JumpingClock;
  readonly #script: Script;
  readonly #replying = new Set<Promise<void>>();

  private constructor(clock: JumpingClock, script: Script) {
    this.#clock = clock;
    this.#script = script;
    this.#server = createServer((request, response) => {
      const replying = this.#reply(request, response).finally(() => this.#replying.delete(replying));
      this.#replying.add(replying);
    });
  }

  /** @param script returns the reply to each request; `count` is 1 for the first */
  static async start(clock: JumpingClock, script: Script): Promise<ScriptedServer> {
    const scripted = new ScriptedServer(clock, script);
    await new Promise<void>((resolve) => {
      scripted.#server.listen(0, "127.0.0.1", resolve);
    });
    const address = scripted.#server.address();
    scripted.origin = `http://127.0.0.1:${typeof address === "object" ? address?.port : address}`;
    return scripted;
  }

  /** Sends a request as the client's `fetch` option does, so that the clock stands still while it is in flight. */
  readonly fetch = async (request: Request): Promise<Response> => {
    const name = String(++sent);
    request.headers.set(NAME, name);
    return this.#clock.whileSent(name, async () => {
      const response = await fetch(request);
      const body = await response.arrayBuffer();
      return new Response([204, 304].includes(response.status) ? null : body, response);
    });
  };

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => {
      this.#server.close(resolve);
    });
    await Promise.all(this.#replying);
  }

  /** Resolves after `ms`, or when the client has disconnected. */
  async #delay(response: ServerResponse, ms: number): Promise<void> {
    await new Promise<void>((resolve) => {
      const stop = Number.isFinite(ms) ? this.#clock.after(ms, resolve) : () => {};
      response.once("close", () => {
        stop();
        resolve();
      });
    });
  }

  async #reply(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const text = Buffer.concat(chunks).toString();
    const { method = "", url: path = "", headers } = request;
    const body: unknown = text === "" ? undefined : JSON.parse(text);
    const seen = {
      at: this.#clock.monotonic(),
      method,
      path,
      headers,
      body,
    };
    this.requests.push(seen);
    const reply = this.#script(seen, this.requests.length);
    if (reply.afterMs !== undefined || reply.fault === "silent") {
      const ms = reply.fault === "silent" ? Infinity : (reply.afterMs ?? 0);
      await this.#clock.whileHeld(String(headers[NAME]), async () => this.#delay(response, ms));
    }
    if (!response.destroyed) write(response, reply);
  }
}

function write(response: ServerResponse, { status = 200, headers = {}, body, fault }: Reply): void {
  const text = typeof body === "string" ? body : JSON.stringify(body ?? "");
  if (fault === "reset") {
    response.destroy();
    return;
  }
  response.writeHead(status, { "content-type": "application/json", ...headers });
  if (fault === "midway") response.write(text.slice(0, text.length / 2), () => response.destroy());
  else response.end(body === undefined ? undefined : text);
}
