import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { toStandardJsonSchema } from "@valibot/to-json-schema";
import { type } from "arktype";
import { any, array, date, file, function_ as fn, instance, object, optional, pipe, string, transform } from "valibot";
import { z } from "zod";
import { declaredSchema } from "./describe-schema.ts";

const zodDate = z.object({ when: z.date() });
const zodNumber = z.string().transform(Number);
const arkDate = type({ when: "Date" });
const valibotDate = object({ when: date() });
const valibotNumber = pipe(string(), transform(Number));

/** Schemas with a part that has no JSON Schema, by library and shape, and the field that the error must name. */
const mistakes: readonly [what: string, schema: unknown, field: string, why: RegExp][] = [
  ["zod, a Date", zodDate, ".when", /Date/],
  ["zod, a Date in an object", z.object({ disk: zodDate }), ".disk.when", /Date/],
  ["zod, a Date in an array", z.object({ disks: z.array(zodDate) }), ".disks[].when", /Date/],
  ["zod, a Date in a tuple", z.object({ pair: z.tuple([z.string(), z.date()]) }), ".pair[1]", /Date/],
  ["zod, a Date in a record", z.object({ tags: z.record(z.string(), z.date()) }), ".tags.*", /Date/],
  ["zod, an optional Date", z.object({ when: z.date().optional() }), ".when", /Date/],
  ["zod, a Date in a union", z.object({ when: z.union([z.string(), z.date()]) }), ".when", /Date/],
  ["zod, a Date used twice", z.object({ name: z.string(), one: zodDate, two: zodDate }), ".one.when", /Date/],
  ["zod, a Date behind a reference", z.object({ disk: z.lazy(() => zodDate) }), ".disk.when", /Date/],
  ["zod, a transform", z.object({ disk: z.object({ size: zodNumber }) }), ".disk.size", /[Tt]ransform/],
  ["zod, a transform in an array", z.object({ sizes: z.array(zodNumber) }), ".sizes[]", /[Tt]ransform/],
  [
    "zod, a codec",
    z.object({
      when: z.codec(z.string(), z.date(), { decode: (text) => new Date(text), encode: (when) => when.toISOString() }),
    }),
    ".when",
    /Date/,
  ],
  [
    "zod, a field called properties",
    z.object({ properties: z.object({ size: z.bigint() }) }),
    ".properties.size",
    /BigInt/,
  ],
  ["zod, the whole", z.date(), "", /Date/],
  ["zod, a File", z.object({ image: z.file() }), ".image", /File/],
  ["zod, an optional File in a list", z.object({ images: z.array(z.file().max(1).optional()) }), ".images[]", /File/],
  ["zod, a File in a union", z.object({ image: z.union([z.string(), z.file()]) }), ".image", /File/],
  ["zod, a File in a record", z.object({ images: z.record(z.string(), z.file()) }), ".images.*", /File/],
  ["zod, a File in other fields", z.object({}).catchall(z.file()), ".*", /File/],
  [
    "zod, a File behind a reference",
    z.object({ disk: z.lazy(() => z.object({ image: z.file() })) }),
    ".disk.image",
    /File/,
  ],
  [
    "zod, a File that becomes a string",
    z.object({ image: z.file().pipe(z.transform(String)) }),
    ".image",
    /File|ransform/,
  ],
  ["zod, the whole is a File", z.file(), "", /File/],
  ["zod, a File beside a Date", z.object({ image: z.file(), when: z.date() }), ".image", /File/],
  ["zod, a function", z.object({ run: z.function() }), ".run", /Function/],
  ["zod, an instance", z.object({ url: z.instanceof(URL).optional() }), ".url", /Custom/],
  ["zod, a custom type", z.object({ url: z.custom<URL>() }), ".url", /Custom/],
  ["zod, a Map", z.object({ tags: z.map(z.string(), z.string()) }), ".tags", /Map/],
  ["arktype, a Date", arkDate, ".when", /Date/],
  ["arktype, a Date in an object", type({ disk: arkDate }), ".disk.when", /Date/],
  ["arktype, a Date in an array", type({ disks: arkDate.array() }), ".disks[].when", /Date/],
  ["arktype, a Date made of a text", type({ when: "string.date.parse" }), ".when", /Date/],
  ["arktype, a bigint", type({ size: "bigint" }), ".size", /bigint/],
  ["arktype, a File", type({ "image?": "File | string" }), ".image", /File/],
  ["arktype, a function", type({ run: "Function" }), ".run", /Function/],
  ["arktype, an instance", type({ urls: type.instanceOf(URL).array() }), ".urls[]", /URL/],
  ["arktype, a File in fields by pattern", type({ "[/^image/]": "File" }), "[/^image/]", /File/],
  [
    "arktype, a transform",
    type({ disks: type({ size: type("string").pipe((text) => text.length) }).array() }),
    ".disks[].size",
    /output/,
  ],
  ["valibot, a Date", toStandardJsonSchema(valibotDate), ".when", /date/],
  ["valibot, a File", toStandardJsonSchema(object({ image: optional(file()) })), ".image", /file/],
  ["valibot, a function", toStandardJsonSchema(object({ run: fn() })), ".run", /function/],
  ["valibot, an instance", toStandardJsonSchema(object({ url: instance(URL) })), ".url", /instance/],
  ["valibot, a Date in an object", toStandardJsonSchema(object({ disk: valibotDate })), ".disk.when", /date/],
  ["valibot, a Date in an array", toStandardJsonSchema(object({ disks: array(valibotDate) })), ".disks[].when", /date/],
  [
    "valibot, a transform",
    toStandardJsonSchema(object({ disk: object({ size: valibotNumber }) })),
    ".disk.size",
    /transform/,
  ],
];

describe("a schema that JSON Schema cannot describe: an error that names the field", () => {
  for (const [what, schema, field, why] of mistakes) {
    test(what, () => {
      assert.throws(
        () => declaredSchema(schema, "order: configuration"),
        (error: Error) => {
          assert.equal(error.name, "DefinitionError");
          const [path, ...rest] = error.message.split(": ").slice(1);
          assert.equal(path, `configuration${field}`);
          assert.match(rest.join(": "), why);
          assert.match(error.message, /convert inside the work$/);
          return true;
        },
      );
    });
  }
});

describe("a schema without JSON Schema: an error that says what to use", () => {
  for (const [what, schema] of [
    ["valibot, not wrapped", object({ a: string() })],
    ["left out", undefined],
    ["null", null],
    ["a JSON Schema document itself", { type: "object" }],
    ["a function", () => true],
    ["a Standard Schema of old", { "~standard": { version: 1, vendor: "old", validate: () => ({ value: 1 }) } }],
  ] as const) {
    test(what, () => {
      assert.throws(() => declaredSchema(schema, "order: details"), {
        name: "DefinitionError",
        message: /^order: details: this schema has no JSON Schema; use zod 4, arktype, or valibot wrapped/,
      });
    });
  }
});

describe("both sides of a schema", () => {
  for (const [library, schema] of [
    ["zod", z.object({ ram: z.string().default("8GB"), tags: z.array(z.unknown()) })],
    ["arktype", type({ ram: "string = '8GB'", tags: "unknown[]" })],
    ["valibot", toStandardJsonSchema(object({ ram: optional(string(), "8GB"), tags: array(any()) }))],
  ] as const) {
    test(`${library}: what has a default may be left out of the input`, () => {
      const { input, output } = declaredSchema(schema, "order: configuration");
      assert.equal(input["type"], "object");
      assert.deepEqual(input["required"], ["tags"]);
      assert.equal(output["type"], "object");
    });
  }

  test("arktype: a transform that declares what it gives has both", () => {
    const { input, output } = declaredSchema(type({ size: "string.numeric.parse" }), "order: configuration");
    assert.match(JSON.stringify(input), /"size":\{"type":"string"/);
    assert.match(JSON.stringify(output), /"size":\{"type":"number"/);
  });
});
