import assert from "node:assert/strict";
import { join } from "node:path";
import { type AfootProcess, startAfoot, temporaryFolder } from "../support/afoot-process.ts";
import { eventually } from "../support/eventually.ts";
import { parseObject } from "../support/json.ts";

export const LINUX = { configuration: { os: "Linux" } };
export const DETAILS = { IPAddress: "192.168.1.10", starts: 0 };

/** Requested end of an operation. */
export type Outcome = "succeeded" | "failed" | "cancelled";
export const OUTCOMES: readonly Outcome[] = ["succeeded", "failed", "cancelled"];

/** A server of the app beside this file, in its own process. */
export interface CompatibilityServer extends AsyncDisposable {
  readonly origin: string;
  /** Kills the process, and starts another one on the same store and port. */
  readonly restart: () => Promise<void>;
  /** Sends JSON and reads JSON; anything but 2xx is an error. */
  readonly call: (method: string, path: string, body?: unknown) => Promise<JsonReply>;
  /** Creates a machine. Returns its path. */
  readonly create: () => Promise<string>;
  /** Creates a machine and waits until it is ready. Returns its path. */
  readonly createReady: () => Promise<string>;
  /** Waits until the resource shows a status. */
  readonly shows: (path: string, status: string) => Promise<void>;
  /** Ends the operation in progress. */
  readonly end: (path: string, outcome: Outcome) => Promise<void>;
}

export interface JsonReply {
  readonly status: number;
  readonly headers: Headers;
  readonly body: { readonly [field: string]: unknown } | undefined;
}

export async function startServer(): Promise<CompatibilityServer> {
  const folder = await temporaryFolder();
  const app = join(import.meta.dirname, "app.ts");
  let started: AfootProcess = await startAfoot({ app, folder: folder.path });
  const { origin } = started;

  const call: CompatibilityServer["call"] = async (method, path, body) => send(new URL(path, origin), method, body);
  const create = async (): Promise<string> => {
    const { headers } = await call("POST", "/api/machines", LINUX);
    return headers.get("location") ?? assert.fail("no Location");
  };
  const end: CompatibilityServer["end"] = async (path, outcome) => {
    if (outcome === "cancelled") await call("POST", `${path}/cancel`);
    else await call("POST", `${path}/verdict`, { approved: outcome === "succeeded" });
  };

  return {
    origin,
    call,
    create,
    end,
    async createReady() {
      const path = await create();
      await end(path, "succeeded");
      await reaches(new URL(path, origin), (_, headers) => !headers.has("retry-after"));
      return path;
    },
    shows: async (path, status) => reaches(new URL(path, origin), (shown) => shown === status),
    async restart() {
      await started.kill();
      started = await startAfoot({ app, folder: folder.path, flags: ["--port", new URL(origin).port] });
      assert.equal(started.origin, origin);
    },
    async [Symbol.asyncDispose]() {
      await started[Symbol.asyncDispose]();
      await folder[Symbol.asyncDispose]();
    },
  };
}

async function send(url: URL, method: string, body: unknown): Promise<JsonReply> {
  const content = body === undefined ? {} : { body: JSON.stringify(body) };
  const response = await fetch(url, { method, headers: { "content-type": "application/json" }, ...content });
  const text = await response.text();
  assert.ok(response.ok, `${method} ${url.href}: ${response.status} ${text}`);
  return { status: response.status, headers: response.headers, body: text === "" ? undefined : parseObject(text) };
}

/** Reads a resource by long polling until `isReached` returns true. */
async function reaches(url: URL, isReached: (status: unknown, headers: Headers) => boolean): Promise<void> {
  await eventually(`${url.href}: ${String(isReached)}`, async () => {
    const response = await fetch(url);
    const text = await response.text();
    assert.equal(response.status, 200, `GET ${url.href}: ${response.status} ${text}`);
    return isReached(parseObject(text)["status"], response.headers);
  });
}
