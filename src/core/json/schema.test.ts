import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { toStandardJsonSchema } from "@valibot/to-json-schema";
import { type } from "arktype";
import { array, number, object, optional, string } from "valibot";
import { z } from "zod";
import { escapePointer, type Schema, validate } from "./schema.ts";

const schemas: readonly [library: string, schema: Schema][] = [
  ["zod", z.object({ ram: z.string().default("8GB"), disks: z.array(z.object({ "a/b~c": z.number() })) })],
  ["arktype", type({ ram: "string = '8GB'", disks: type({ "a/b~c": "number" }).array() })],
  [
    "valibot",
    toStandardJsonSchema(object({ ram: optional(string(), "8GB"), disks: array(object({ "a/b~c": number() })) })),
  ],
];

describe("validate", () => {
  for (const [library, schema] of schemas) {
    test(`${library}: the value with its defaults`, async () => {
      assert.deepEqual(await validate(schema, { disks: [] }), { value: { ram: "8GB", disks: [] } });
    });

    test(`${library}: all errors at once, each with its pointer below the given one`, async () => {
      const { issues } = await validate(
        schema,
        { ram: 8, disks: [{ "a/b~c": 1 }, { "a/b~c": "x" }] },
        "/configuration",
      );
      const pointers = issues?.map(({ pointer }) => pointer).toSorted();
      assert.deepEqual(pointers, ["/configuration/disks/1/a~1b~0c", "/configuration/ram"]);
      assert.ok(issues?.every(({ detail }) => detail !== "") === true);
    });

    test(`${library}: a value that is none at all points at itself`, async () => {
      const { issues } = await validate(schema, null, "/configuration");
      assert.deepEqual(
        issues?.map(({ pointer }) => pointer),
        ["/configuration"],
      );
    });
  }

  test("waits for an asynchronous schema", async () => {
    const schema = z.string().refine(async (text) => text !== "taken", "is taken");
    assert.deepEqual(await validate(schema, "free"), { value: "free" });
    assert.deepEqual(await validate(schema, "taken", "/name"), { issues: [{ pointer: "/name", detail: "is taken" }] });
  });
});

test("a key in a pointer is escaped as RFC 6901 says, so that no two keys meet", () => {
  assert.equal(escapePointer("a/b"), "a~1b");
  assert.equal(escapePointer("a~1b"), "a~01b");
});
