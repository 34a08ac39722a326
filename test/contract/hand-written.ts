import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { text } from "node:stream/consumers";
import { setTimeout as passes } from "node:timers/promises";
import type { RuleName } from "../../src/cli/check/rules.ts";
import { isJsonObject } from "../../src/core/json/json.ts";

/** What a hand-written API may get wrong: each breaks one rule. */
export type Fault = RuleName;

export interface HandWritten extends AsyncDisposable {
  /** Of its collection. */
  readonly url: string;
  /** How many resources it holds. */
  readonly count: () => number;
}

interface Thing {
  readonly id: string;
  readonly name: string;
  /** How often it was looked at: the third look shows it settled. */
  looks: number;
  end: "succeeded" | "failed" | "cancelled" | undefined;
}

interface Said {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: unknown;
}

const LOOKS = 3;

/** The pattern in one plain file, as somebody might write it without any framework; right but for its faults. */
class Api {
  readonly #faults: ReadonlySet<Fault>;
  readonly #things = new Map<string, Thing>();
  readonly #replies = new Map<string, { readonly sent: string; readonly said: Said }>();

  constructor(faults: readonly Fault[]) {
    this.#faults = new Set(faults);
  }

  get count(): number {
    return this.#things.size;
  }

  #keeps(rule: Fault): boolean {
    return !this.#faults.has(rule);
  }

  async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { status, headers, body } = await this.#route(request);
    const type = status >= 400 && this.#keeps("errors.problem") ? "application/problem+json" : "application/json";
    response.writeHead(status, { ...(body === undefined ? {} : { "content-type": type }), ...headers });
    response.end(body === undefined ? "" : JSON.stringify(body));
  }

  async #route(request: IncomingMessage): Promise<Said> {
    const { method = "", url = "" } = request;
    const [, collection, id, member] = url.split("/");
    if (collection !== "things") return problem(404, "not-found");
    if (id === undefined) return method === "POST" ? this.#post(request) : this.#notAllowed("POST");
    const thing = this.#things.get(id);
    if (thing === undefined && this.#keeps("errors.not-found")) return problem(404, "no-thing");
    if (thing === undefined) return { status: 200, body: {} };
    if (member === "cancel") return method === "POST" ? this.#cancel(thing) : this.#notAllowed("POST");
    if (method === "GET") return this.#get(request, thing);
    return method === "DELETE" ? this.#delete(request, thing) : this.#notAllowed("GET, DELETE");
  }

  #notAllowed(allow: string): Said {
    return { ...problem(405, "method-not-allowed"), ...(this.#keeps("errors.method") ? { headers: { allow } } : {}) };
  }

  async #post(request: IncomingMessage): Promise<Said> {
    const isJson = request.headers["content-type"] === "application/json";
    if (!isJson && this.#keeps("errors.media-type")) return problem(415, "media-type");
    const sent = await text(request);
    const key = String(request.headers["idempotency-key"] ?? randomUUID());
    const known = this.#replies.get(key);
    if (known === undefined) {
      const said = this.#create(sent);
      this.#replies.set(key, { sent, said });
      return said;
    }
    if (known.sent !== sent && this.#keeps("idempotency.reuse")) return problem(422, "key-reused");
    return this.#keeps("idempotency.repeat") ? known.said : { ...known.said, status: 200 };
  }

  #create(sent: string): Said {
    const body = parsed(sent);
    if (body === undefined && this.#keeps("errors.malformed")) return problem(400, "malformed");
    const name = isJsonObject(body) ? body["name"] : undefined;
    const isThing = typeof name === "string" || body === undefined || !this.#keeps("errors.shape");
    if (!isThing) return problem(422, "validation");
    const thing: Thing = { id: randomUUID(), name: String(name), looks: 0, end: undefined };
    if (this.#keeps("create.shown")) this.#things.set(thing.id, thing);
    return {
      status: this.#keeps("create.accepted") ? 202 : 200,
      headers: { "retry-after": "1", ...(this.#keeps("create.location") ? { location: `/things/${thing.id}` } : {}) },
    };
  }

  async #get({ headers }: IncomingMessage, thing: Thing): Promise<Said> {
    thing.looks++;
    if (thing.looks >= LOOKS && this.#keeps("follow.settles")) thing.end ??= "succeeded";
    const tag = tagOf(thing);
    const paces = thing.end === undefined && this.#keeps("follow.pacing");
    const common = {
      etag: this.#keeps("conditional.etag") ? tag : tag.replaceAll('"', ""),
      ...(paces ? { "retry-after": "1" } : {}),
    };
    const isKnown = headers["if-none-match"] === tag && this.#keeps("conditional.not-modified");
    if (!isKnown) return { status: 200, headers: common, body: this.#representation(thing) };
    const wait = /wait=(\d+)/.exec(String(headers["prefer"]))?.[1];
    if (wait === undefined || thing.end === undefined) return { status: 304, headers: common };
    if (this.#keeps("conditional.held")) await passes(Number(wait) * 1000);
    return { status: 304, headers: { ...common, "preference-applied": `wait=${wait}` } };
  }

  #representation({ id, name, looks, end }: Thing): unknown {
    const fields = { id, name, ...(this.#keeps("follow.stays") ? {} : { looks }) };
    switch (end) {
      case undefined:
        return { ...fields, ...(this.#keeps("follow.status") ? { status: "Under way" } : {}), progress: "50%" };
      case "succeeded":
        return { ...fields, status: "There", ...(this.#keeps("follow.error") ? {} : { error: {} }) };
      default: {
        const error = { code: end, title: "Not made", detail: "It was not made.", retryable: true };
        return { ...fields, status: "Gone wrong", error };
      }
    }
  }

  #delete({ headers }: IncomingMessage, thing: Thing): Said {
    const match = headers["if-match"];
    const isOther = match !== undefined && match !== tagOf(thing);
    if (isOther && this.#keeps("conditional.lost-update")) return problem(412, "precondition-failed");
    this.#things.delete(thing.id);
    return { status: 204 };
  }

  #cancel(thing: Thing): Said {
    if (thing.end === undefined && !this.#keeps("cancel.accepted")) return problem(500, "internal");
    if (thing.end !== undefined && this.#keeps("cancel.settled")) return problem(409, "settled");
    thing.end ??= this.#keeps("cancel.ends") ? "cancelled" : "failed";
    return { status: 202 };
  }
}

function tagOf({ id, end }: Thing): string {
  return `"${id}.${end ?? "underway"}"`;
}

function parsed(sent: string): unknown {
  try {
    return JSON.parse(sent);
  } catch {
    return undefined;
  }
}

function problem(status: number, code: string): Said {
  return { status, body: { type: "about:blank", title: code, status, detail: `It is ${code}.`, code } };
}

export async function handWritten(...faults: readonly Fault[]): Promise<HandWritten> {
  const api = new Api(faults);
  const server = createServer((request, response) => void api.answer(request, response));
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
