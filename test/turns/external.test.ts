import assert from "node:assert/strict";
import { it } from "node:test";
import { createApp, defineResource } from "afoot";
import { sqliteStore } from "afoot/stores/sqlite";
import { z } from "zod";
import { temporaryFolder } from "../support/afoot-process.ts";
import { parseObject } from "../support/json.ts";

const build = defineResource({
  name: "build",
  configuration: z.object({ host: z.string() }),
  details: z.object({}),
  statuses: { ready: "Built" },
  create: { status: "Building", external: true },
  concurrency: { per: ({ configuration }) => configuration.host, limit: 1 },
});

const SLOTS = [{ type: "build", kinds: ["create"], free: 10 }];

it(
  "external workers take turns, and the end of an operation wakes the claim that waits",
  { timeout: 30_000 },
  async () => {
    await using folder = await temporaryFolder();
    const app = createApp({ worker: true, resources: [build] });
    await app.start({ store: sqliteStore({ path: `${folder.path}/afoot.db` }), role: "server" });
    const post = async (path: string, body: object, headers: Record<string, string> = {}) => {
      const request = { method: "POST", headers: { "Content-Type": "application/json", ...headers } };
      const response = await app.fetch(
        new Request(`http://localhost/api/${path}`, { ...request, body: JSON.stringify(body) }),
      );
      assert.ok(response.ok, `${path}: ${response.status}`);
      return parseObject(await response.text());
    };
    const claim = async (claimed: number, headers?: Record<string, string>) => {
      const { grants } = await post("worker/claim", { worker: "w", claim: claimed, slots: SLOTS }, headers);
      return z.array(z.object({ operation: z.string(), attempt: z.number(), configuration: z.string() })).parse(grants);
    };
    try {
      for (const host of ["a", "a", "b"]) await post("builds", { configuration: { host } });
      const [first, second, ...others] = await claim(1);
      assert.ok(first !== undefined && second !== undefined);
      assert.deepEqual([first, second, ...others].map(({ configuration }) => configuration).toSorted(), [
        '{"host":"a"}',
        '{"host":"b"}',
      ]);
      const ofA = first.configuration === '{"host":"a"}' ? first : second;
      // Without the wake-up, the claim would be answered after a minute, which is longer than the test may take.
      const waiting = claim(2, { Prefer: "wait=60" });
      await post("worker/end", { operation: ofA.operation, attempt: ofA.attempt, outcome: "succeeded", details: "{}" });
      assert.deepEqual(
        (await waiting).map(({ configuration }) => configuration),
        ['{"host":"a"}'],
      );
    } finally {
      await app.close({ graceMs: 0 });
    }
  },
);
