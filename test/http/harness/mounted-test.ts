import assert from "node:assert/strict";
import { test } from "node:test";
import type { Problem } from "../../../src/core/problem.ts";
import { openFixture, type FixtureOptions, type ServerFixture } from "./fixture.ts";
import { type Got, MOUNTS, type Send, type Sent } from "./mounts.ts";
import { LINUX } from "./types.ts";

export interface Fixture extends ServerFixture {
  readonly send: Send;
  /** Sends a request. Resolves to the status, the headers and the parsed body. */
  readonly request: (method: string, path: string, sent?: Omit<Sent, "method" | "path">) => Promise<JsonResponse>;
  /** Creates a machine. Resolves to its path. */
  readonly create: (configuration?: object) => Promise<string>;
}

/** The fields of all responses in one type: a test knows which of them its request gets. */
export interface Body {
  readonly id: string;
  readonly status: string;
  readonly configuration: { readonly os: string; readonly ram: string; readonly storage: string };
  readonly error: { readonly code: string };
  readonly progress: string | number;
  readonly estimatedTimeRemaining: string | number;
  readonly IPAddress: string;
  readonly note: string;
  readonly percentComplete: number;
  readonly at: string;
  readonly kind: string;
  readonly code: string;
  readonly detail: string;
  readonly items: readonly Body[];
  readonly next: string;
  readonly [field: string]: unknown;
}

export interface JsonResponse extends Got {
  readonly json: Body;
}

export const MACHINES = "/api/virtual-machines";

/** The long run repeats each test on every mount. */
const isOnEveryMount = process.env["AFOOT_EVERY_MOUNT"] === "true";

let registered = 0;

/** Registers a test that has its own server. The tests of a file use the mounts in turn. */
export function mountedTest(
  name: string,
  run: (fixture: Fixture) => Promise<void>,
  options: FixtureOptions = {},
): void {
  const turn = registered++ % MOUNTS.length;
  for (const mount of isOnEveryMount ? MOUNTS : MOUNTS.slice(turn, turn + 1)) {
    test(`${name} (${mount.name})`, { timeout: 20_000 }, async () => {
      await using fixture = await openFixture(options);
      const { send, close } = await mount.open(fixture);
      try {
        await run({ ...fixture, send, ...jsonRequests(send) });
        assert.deepEqual(fixture.errors, []);
      } finally {
        await close();
      }
    });
  }
}

export function jsonRequests(send: Send): Pick<Fixture, "request" | "create"> {
  const request: Fixture["request"] = async (method, path, sent = {}) => {
    const got = await send({ method, path, ...sent });
    const isJson = (got.headers.get("content-type") ?? "").includes("json") && got.text !== "";
    return { ...got, json: JSON.parse(isJson ? got.text : "{}") as Body };
  };
  return {
    request,
    async create(configuration = LINUX) {
      const { status, headers } = await request("POST", MACHINES, { body: { configuration } });
      assert.equal(status, 202);
      return headers.get("location") ?? "";
    },
  };
}

/** Asserts that a response is a complete problem with this status and code. Returns the problem. */
export function problem(response: JsonResponse, status: number, code: string): Problem {
  assert.equal(response.status, status, response.text);
  assert.equal(response.headers.get("content-type"), "application/problem+json");
  const { type, title, detail, instance } = response.json;
  const actual = { status: response.json.status, code: response.json.code, type };
  assert.deepEqual<unknown>(actual, { status, code, type: `urn:afoot:problem:${code}` });
  for (const text of [title, detail, instance]) assert.ok(typeof text === "string" && text !== "", response.text);
  return response.json as unknown as Problem;
}
