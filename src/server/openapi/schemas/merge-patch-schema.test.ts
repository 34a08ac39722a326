import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { Ajv2020 } from "ajv/dist/2020.js";
import { z } from "zod";
import { mergePatchSchema } from "./merge-patch-schema.ts";

const schema = z.object({
  os: z.string(),
  size: z.object({ ram: z.int(), swap: z.int().optional() }),
  tags: z.array(z.string()).optional(),
  labels: z.record(z.string(), z.string()).optional(),
  note: z.string().nullable().optional(),
  level: z.string().default("low"),
  kind: z.discriminatedUnion("type", [
    z.object({ type: z.literal("a"), x: z.string() }),
    z.object({ type: z.literal("b") }),
  ]),
});

const patchSchema = mergePatchSchema(schema["~standard"].jsonSchema.input({ target: "draft-2020-12" }));
const accepts = new Ajv2020({ strict: false }).compile(patchSchema);

describe("the schema of a merge patch", () => {
  for (const patch of [
    {},
    { os: "Linux" },
    { size: { ram: 3 } },
    { size: { swap: null } },
    { tags: null },
    { tags: ["a"] },
    { labels: { old: null, fresh: "x" } },
    { note: null },
    { kind: { x: "new" } },
  ]) {
    it(`accepts a part: ${JSON.stringify(patch)}`, () => assert.equal(accepts(patch), true));
  }

  for (const patch of [
    { os: null },
    { os: 5 },
    { size: { ram: "3" } },
    { size: { ram: null } },
    { size: [] },
    { tags: [5] },
    { labels: { a: 5 } },
    "os",
  ]) {
    it(`rejects a patch that can never be valid: ${JSON.stringify(patch)}`, () => assert.equal(accepts(patch), false));
  }

  it("has no defaults, because a field missing from a patch keeps its value", () => {
    assert.doesNotMatch(JSON.stringify(patchSchema), /"default"/);
  });
});
