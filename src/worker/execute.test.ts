import assert from "node:assert/strict";
import { test } from "node:test";
import { z } from "zod";
import { Scene } from "../../test/worker/scene.ts";
import { defineResource } from "../core/define-resource.ts";

test("runs work and settles with its details", async () => {
  const type = defineResource({
    name: "machine",
    configuration: z.object({ os: z.string() }),
    details: z.object({ address: z.string() }),
    statuses: { ready: "Ready" },
    create: {
      status: "Provisioning",
      work: async ({ configuration, step }) => {
        const address = await step("boot", () => `${configuration.os}.example`);
        return { address };
      },
    },
  });
  await using scene = await Scene.open({ types: [type] });
  await scene.startWorker();
  const id = await scene.create(type, { os: "linux" });
  const resource = await scene.settled(type, id);
  assert.equal(resource.status, "Ready");
  assert.deepEqual(JSON.parse(resource.details), { address: "linux.example" });
});
