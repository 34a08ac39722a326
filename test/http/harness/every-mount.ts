import assert from "node:assert/strict";
import { test } from "node:test";
import type { Problem } from "../../../src/core/problem.ts";
import { openFixture, type FixtureOptions, type ServerFixture } from "./fixture.ts";
import { type Got, MOUNTS, type Send, type Sent } from "./mounts.ts";
import { LINUX } from "./types.ts";

export interface Fixture extends ServerFixture {
  readonly send: Send;
  /** Sends a request. Resolves to the status, the headers and the parsed body. */
  readonly ask: (method: string, path: string, sent?: Omit<Sent, "method" | "path">) => Promise<Asked>;
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

export interface Asked extends Got {
  readonly json: Body;
}

export const MACHINES = "/api/virtual-machines";

/** Registers a test for each mount, each with its own server. */
export function everyMount(name: string, run: (fixture: Fixture) => Promise<void>, options: FixtureOptions = {}): void {
  for (const mount of MOUNTS) {
    test(`${name} (${mount.name})`, { timeout: 20_000 }, async () => {
      await using fixture = await openFixture(options);
      const { send, close } = await mount.open(fixture);
      try {
        await run({ ...fixture, send, ...asking(send) });
        assert.deepEqual(fixture.errors, []);
      } finally {
        await close();
      }
    });
  }
}

export function asking(send: Send): Pick<Fixture, "ask" | "create"> {
  const ask: Fixture["ask"] = async (method, path, sent = {}) => {
    const got = await send({ method, path, ...sent });
    const isJson = (got.headers.get("content-type") ?? "").includes("json") && got.text !== "";
    return { ...got, json: JSON.parse(isJson ? got.text : "{}") as Body };
  };
  return {
    ask,
    async create(configuration = LINUX) {
      const { status, headers } = await ask("POST", MACHINES, { body: { configuration } });
      assert.equal(status, 202);
      return headers.get("location") ?? "";
    },
  };
}

/** Asserts that a response is a complete problem with this status and code. Returns the problem. */
export function problem(asked: Asked, status: number, code: string): Problem {
  assert.equal(asked.status, status, asked.text);
  assert.equal(asked.headers.get("content-type"), "application/problem+json");
  const { type, title, detail, instance } = asked.json;
  const said = { status: asked.json.status, code: asked.json.code, type };
  assert.deepEqual<unknown>(said, { status, code, type: `urn:afoot:problem:${code}` });
  for (const text of [title, detail, instance]) assert.ok(typeof text === "string" && text !== "", asked.text);
  return asked.json as unknown as Problem;
}
