import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { initialValue } from "./initial-value.ts";
import { mergePatch } from "./merge-patch.ts";
import { readSchema } from "./schema.ts";

describe("a form of a JSON Schema", () => {
  it("selects the kind of each field", () => {
    const document = { $defs: { size: { type: "integer" } } };
    const kindOf = (schema: object): string => readSchema({ ...schema }, document).kind;
    assert.equal(kindOf({ type: "string" }), "text");
    assert.equal(kindOf({ enum: ["a", "b"] }), "choice");
    assert.equal(kindOf({ anyOf: [{ const: 1 }, { const: 2 }] }), "choice");
    assert.equal(kindOf({ $ref: "#/$defs/size" }), "number");
    assert.equal(kindOf({ anyOf: [{ $ref: "#/$defs/size" }, { type: "null" }] }), "number");
    assert.equal(kindOf({ type: ["boolean", "null"] }), "flag");
    assert.equal(kindOf({ type: "object", properties: { a: {} } }), "object");
    assert.equal(kindOf({ type: "object", additionalProperties: { type: "string" } }), "json");
    assert.equal(kindOf({ type: "array", items: { type: "string" } }), "list");
    assert.equal(kindOf({ oneOf: [{ type: "string" }, { type: "number" }] }), "json");
    assert.equal(kindOf({ $ref: "#/$defs/nowhere" }), "json");
    assert.equal(readSchema({ $ref: "#" }, { $ref: "#" }).kind, "json", "a reference to itself is not resolved");
  });

  it("starts with defaults, and with false for required booleans", () => {
    const properties = {
      os: { type: "string", default: "Linux" },
      isSafe: { type: "boolean" },
      isFast: { type: "boolean" },
      size: { type: "number" },
      disks: { type: "array", items: { type: "string" } },
      tags: { type: "array", items: { type: "string" } },
    };
    const schema = { type: "object", properties, required: ["os", "isSafe", "size", "disks"] };
    assert.deepEqual(initialValue(schema), { os: "Linux", isSafe: false, disks: [] });
  });

  it("sends changed fields, and null for removed ones", () => {
    const original = { os: "Linux", net: { ip: "::1", mask: 8 }, tags: ["a"], note: "x" };
    assert.deepEqual(mergePatch(original, original), {});
    assert.deepEqual(mergePatch(original, { os: "Linux", net: { ip: "::2", mask: 8 }, tags: ["a", "b"] }), {
      net: { ip: "::2" },
      tags: ["a", "b"],
      note: null,
    });
  });

  it("sends nothing for values that differ only in the format of numbers or the order of fields", () => {
    const original: unknown = JSON.parse('{"size":1.0,"disks":[{"gb":10,"kind":"ssd"}],"none":null,"zero":0}');
    const edited: unknown = JSON.parse('{"zero":-0.0,"none":null,"disks":[{"kind":"ssd","gb":1e1}],"size":1}');
    assert.deepEqual(mergePatch(original, edited), {});
    assert.deepEqual(mergePatch({ list: [{ a: 1 }] }, { list: [{ a: 1, b: 2 }] }), { list: [{ a: 1, b: 2 }] });
    assert.deepEqual(mergePatch({ list: [1, 2] }, { list: [2, 1] }), { list: [2, 1] });
    assert.deepEqual(mergePatch({ value: 1 }, { value: "1" }), { value: "1" });
  });
});
