import assert from "node:assert/strict";
import { test } from "node:test";
import { z } from "zod";
import { defineResource } from "./define-resource.ts";

test("details may be named like a field that the type does not show", () => {
  const declared = {
    name: "virtual-machine",
    configuration: z.object({ ram: z.string() }),
    statuses: { ready: "Ready" },
    details: z.object({ metadata: z.string(), expiresAt: z.string() }),
    create: { status: "Provisioning", external: true },
  } as const;
  assert.doesNotThrow(() => defineResource(declared));
  for (const [field, options] of [
    ["metadata", { metadata: true }],
    ["expiresAt", { retention: { settledMs: 1 } }],
  ] as const) {
    const message = new RegExp(`^virtual-machine: details.${field}: every representation has a field of this name`);
    assert.throws(() => defineResource({ ...declared, ...options }), { name: "DefinitionError", message });
  }
});

test("the options of lists and retention are kept", () => {
  const { representation, policy, settledMs } = defineResource({
    name: "virtual-machine",
    configuration: z.object({ ram: z.string() }),
    details: z.object({ ip: z.string() }),
    statuses: { ready: "Ready" },
    create: { status: "Provisioning", external: true },
    metadata: true,
    updatedAfter: true,
    retention: { settledMs: 12 },
  });
  assert.deepEqual(
    [representation.metadata, representation.expiry, policy.updatedAfter, settledMs],
    [true, true, true, 12],
  );
});
