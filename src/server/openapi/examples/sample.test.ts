import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { z } from "zod";
import { sampleBoth } from "./sample.ts";

const SCHEMAS: Readonly<Record<string, readonly [z.ZodType, unknown?]>> = {
  "a text": [z.string(), "string"],
  "a short text": [z.string().max(3)],
  "a long text": [z.string().min(40)],
  "a pattern": [z.string().regex(/^vm-[a-f0-9]{8}$/)],
  "an address": [z.ipv4(), "192.168.1.10"],
  "an instant": [z.iso.datetime(), "2026-01-31T12:00:00Z"],
  "a mail address": [z.email(), "someone@example.com"],
  "an id": [z.uuid()],
  "a number": [z.number(), 1],
  "a bounded number": [z.number().min(20).max(30), 20],
  "a number between": [z.number().gt(0.25).lt(0.5)],
  "a multiple": [z.int().multipleOf(7), 7],
  "one of several": [z.enum(["b", "a"]), "b"],
  "this or that": [z.union([z.object({ a: z.string() }), z.string()]), { a: "string" }],
  "something or nothing": [z.string().nullable()],
  "a list": [z.array(z.boolean()).min(2), [true, true]],
  "a pair": [z.tuple([z.string(), z.int()]), ["string", 1]],
  "names and values": [z.record(z.string(), z.number())],
  "its own example": [z.string().meta({ examples: ["Linux", "Windows"] }), "Linux"],
  "the example of a whole": [z.object({ a: z.string() }).meta({ examples: [{ a: "whole" }] }), { a: "whole" }],
};

describe("a sample", () => {
  for (const [name, [schema, expected]] of Object.entries(SCHEMAS)) {
    it(`is accepted by the schema: ${name}`, () => {
      const input = schema["~standard"].jsonSchema.input({ target: "draft-2020-12" });
      const first = sampleBoth(schema, input);
      assert.equal(first.error, undefined);
      if (expected !== undefined) assert.deepEqual(first.error === undefined ? first.sent : undefined, expected);
      assert.deepEqual(sampleBoth(schema, input), first, "the same each time");
    });
  }

  it("includes the validated output", () => {
    const schema = z.object({ size: z.string().default("small"), note: z.string().trim().default(" x ") });
    const sampled = sampleBoth(schema, schema["~standard"].jsonSchema.input({ target: "draft-2020-12" }));
    assert.ok(sampled.error === undefined);
    assert.deepEqual(sampled.kept, { size: "small", note: "x" });
  });

  it("is an error if no value can satisfy the schema", () => {
    const schema = z.object({ never: z.string().min(5).max(2) });
    assert.notEqual(
      sampleBoth(schema, schema["~standard"].jsonSchema.input({ target: "draft-2020-12" })).error,
      undefined,
    );
  });
});
