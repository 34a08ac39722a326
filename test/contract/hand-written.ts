import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { text } from "node:stream/consumers";
import { setTimeout as sleep } from "node:timers/promises";
import type { RuleName } from "../../src/cli/check/rules.ts";
import { isJsonObject } from "../../src/core/json/json.ts";

/** A rule that the hand-written API breaks on request. */
export type BrokenRule = RuleName;

export interface HandWritten extends AsyncDisposable {
  /** URL of the collection. */
  readonly url: string;
  /** Returns the number of stored resources. */
  readonly count: () => number;
}

interface Thing {
  readonly id: string;
  readonly name: string;
  /** Number of GET requests so far. */
  reads: number;
  end: "succeeded" | "failed" | "cancelled" | undefined;
}

interface ApiResponse {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: unknown;
}

/** The third GET returns the resource as settled. */
/** The third GET returns the resource as settled. */
const READS_UNTIL_SETTLED = 3;

/** The pattern in one plain file without a framework. Follows every rule except the ones to break. */
class Api {
  readonly #brokenRules: ReadonlySet<BrokenRule>;
  readonly #things = new Map<string, Thing>();
  readonly #replies = new Map<string, { readonly rawBody: string; readonly reply: ApiResponse }>();

  constructor(brokenRules: readonly BrokenRule[]) {
    this.#brokenRules = new Set(brokenRules);
  }

  get count(): number {
    return this.#things.size;
  }

  #follows(rule: BrokenRule): boolean {
    return !this.#brokenRules.has(rule);
  }

  async handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { status, headers, body } = await this.#route(request);
    const type = status >= 400 && this.#follows("errors.problem") ? "application/problem+json" : "application/json";
    response.writeHead(status, { ...(body === undefined ? {} : { "content-type": type }), ...headers });
    response.end(body === undefined ? "" : JSON.stringify(body));
  }

  async #route(request: IncomingMessage): Promise<ApiResponse> {
    const { method = "", url = "" } = request;
    const [, collection, id, member] = url.split("/");
    if (collection !== "things") return problem(404, "not-found");
    if (id === undefined) return method === "POST" ? this.#post(request) : this.#notAllowed("POST");
    const thing = this.#things.get(id);
    if (thing === undefined && this.#follows("errors.not-found")) return problem(404, "no-thing");
    if (thing === undefined) return { status: 200, body: {} };
    if (member === "cancel") return method === "POST" ? this.#cancel(thing) : this.#notAllowed("POST");
    if (method === "GET") return this.#get(request, thing);
    return method === "DELETE" ? this.#delete(request, thing) : this.#notAllowed("GET, DELETE");
  }

  #notAllowed(allow: string): ApiResponse {
    return { ...problem(405, "method-not-allowed"), ...(this.#follows("errors.method") ? { headers: { allow } } : {}) };
  }

  async #post(request: IncomingMessage): Promise<ApiResponse> {
    const isJson = request.headers["content-type"] === "application/json";
    if (!isJson && this.#follows("errors.media-type")) return problem(415, "media-type");
    const rawBody = await text(request);
    const key = String(request.headers["idempotency-key"] ?? randomUUID());
    const stored = this.#replies.get(key);
    if (stored === undefined) {
      const reply = this.#create(rawBody);
      this.#replies.set(key, { rawBody, reply });
      return reply;
    }
    if (stored.rawBody !== rawBody && this.#follows("idempotency.reuse")) return problem(422, "key-reused");
    return this.#follows("idempotency.repeat") ? stored.reply : { ...stored.reply, status: 200 };
  }

  #create(rawBody: string): ApiResponse {
    const body = parsed(rawBody);
    if (body === undefined && this.#follows("errors.malformed")) return problem(400, "malformed");
    const name = isJsonObject(body) ? body["name"] : undefined;
    const isValid = typeof name === "string" || body === undefined || !this.#follows("errors.shape");
    if (!isValid) return problem(422, "validation");
    const thing: Thing = { id: randomUUID(), name: String(name), reads: 0, end: undefined };
    if (this.#follows("create.readable")) this.#things.set(thing.id, thing);
    return {
      status: this.#follows("create.accepted") ? 202 : 200,
      headers: { "retry-after": "1", ...(this.#follows("create.location") ? { location: `/things/${thing.id}` } : {}) },
    };
  }

  async #get({ headers }: IncomingMessage, thing: Thing): Promise<ApiResponse> {
    thing.reads++;
    if (thing.reads >= READS_UNTIL_SETTLED && this.#follows("follow.settles")) thing.end ??= "succeeded";
    const tag = tagOf(thing);
    const isPaced = thing.end === undefined && this.#follows("follow.pacing");
    const common = {
      etag: this.#follows("conditional.etag") ? tag : tag.replaceAll('"', ""),
      ...(isPaced ? { "retry-after": "1" } : {}),
    };
    const isKnown = headers["if-none-match"] === tag && this.#follows("conditional.not-modified");
    if (!isKnown) return { status: 200, headers: common, body: this.#representation(thing) };
    const wait = /wait=(\d+)/.exec(String(headers["prefer"]))?.[1];
    if (wait === undefined || thing.end === undefined) return { status: 304, headers: common };
    if (this.#follows("conditional.long-poll")) await sleep(Number(wait) * 1000);
    return { status: 304, headers: { ...common, "preference-applied": `wait=${wait}` } };
  }

  #representation({ id, name, reads, end }: Thing): unknown {
    const fields = { id, name, ...(this.#follows("follow.stable") ? {} : { reads }) };
    switch (end) {
      case undefined:
        return { ...fields, ...(this.#follows("follow.status") ? { status: "Under way" } : {}), progress: "50%" };
      case "succeeded":
        return { ...fields, status: "There", ...(this.#follows("follow.error") ? {} : { error: {} }) };
      default: {
        const error = { code: end, title: "Not made", detail: "It was not made.", retryable: true };
        return { ...fields, status: "Gone wrong", error };
      }
    }
  }

  #delete({ headers }: IncomingMessage, thing: Thing): ApiResponse {
    const match = headers["if-match"];
    const isOther = match !== undefined && match !== tagOf(thing);
    if (isOther && this.#follows("conditional.lost-update")) return problem(412, "precondition-failed");
    this.#things.delete(thing.id);
    return { status: 204 };
  }

  #cancel(thing: Thing): ApiResponse {
    if (thing.end === undefined && !this.#follows("cancel.accepted")) return problem(500, "internal");
    if (thing.end !== undefined && this.#follows("cancel.settled")) return problem(409, "settled");
    thing.end ??= this.#follows("cancel.ends") ? "cancelled" : "failed";
    return { status: 202 };
  }
}

function tagOf({ id, end }: Thing): string {
  return `"${id}.${end ?? "underway"}"`;
}

function parsed(rawBody: string): unknown {
  try {
    return JSON.parse(rawBody);
  } catch {
    return undefined;
  }
}

function problem(status: number, code: string): ApiResponse {
  return { status, body: { type: "about:blank", title: code, status, detail: `It is ${code}.`, code } };
}

export async function handWritten(...brokenRules: readonly BrokenRule[]): Promise<HandWritten> {
  const api = new Api(brokenRules);
  const server = createServer((request, response) => void api.handle(request, response));
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  const port = typeof address === "object" && address !== null ? address.port : 0;
  return {
    url: `http://127.0.0.1:${port}/things`,
    count: () => api.count,
    async [Symbol.asyncDispose]() {
      server.close();
      server.closeAllConnections();
      await once(server, "close");
    },
  };
}
