import assert from "node:assert/strict";
import { test } from "node:test";
import type { Problem } from "../../../src/core/problem.ts";
import { type Got, MOUNTS, type Send, type Sent } from "./mounts.ts";
import { LINUX } from "./types.ts";
import { openWorld, type World, type WorldOptions } from "./world.ts";

export interface Scene extends World {
  readonly send: Send;
  /** Sends, and gives the parsed body beside the status and headers. */
  readonly ask: (method: string, path: string, sent?: Omit<Sent, "method" | "path">) => Promise<Asked>;
  /** Creates a machine and gives its path. */
  readonly create: (configuration?: object) => Promise<string>;
}

export interface Asked extends Got {
  // oxlint-disable-next-line typescript/no-explicit-any -- a test knows what it sent, and asserts on what it finds
  readonly json: any;
}

export const MACHINES = "/api/virtual-machines";

/** Registers one test for each mount, each over a server of its own. */
export function everyMount(name: string, scene: (scene: Scene) => Promise<void>, options: WorldOptions = {}): void {
  for (const mount of MOUNTS) {
    test(`${name} (${mount.name})`, { timeout: 20_000 }, async () => {
      await using world = await openWorld(options);
      const { send, close } = await mount.open(world);
      try {
        await scene({ ...world, send, ...asking(send) });
        assert.deepEqual(world.errors, []);
      } finally {
        await close();
      }
    });
  }
}

export function asking(send: Send): Pick<Scene, "ask" | "create"> {
  const ask: Scene["ask"] = async (method, path, sent = {}) => {
    const got = await send({ method, path, ...sent });
    const isJson = /json/.test(got.headers.get("content-type") ?? "") && got.text !== "";
    return { ...got, json: isJson ? JSON.parse(got.text) : undefined };
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

/** Asserts that an answer is a problem of this status and code, in its whole form. Gives it. */
export function problem(asked: Asked, status: number, code: string): Problem {
  assert.equal(asked.status, status, asked.text);
  assert.equal(asked.headers.get("content-type"), "application/problem+json");
  const { type, title, detail, instance } = asked.json;
  assert.deepEqual(
    { status: asked.json.status, code: asked.json.code, type },
    { status, code, type: `urn:afoot:problem:${code}` },
  );
  for (const text of [title, detail, instance]) assert.ok(typeof text === "string" && text !== "", asked.text);
  return asked.json;
}
