import assert from "node:assert/strict";
import { describe, test } from "node:test";
import fc from "fast-check";
import { camelCase, checkName, pascalCase, plural } from "./names.ts";

describe("a name", () => {
  for (const name of ["a", "vm", "virtual-machine", "x86-host", "q2-report"]) {
    test(`${name} is one`, () => {
      checkName(name, "here");
    });
  }

  for (const name of [
    "",
    "Machine",
    "virtual_machine",
    "-a",
    "a-",
    "a--b",
    "1a",
    "a b",
    "é",
    "a/b",
    "__proto__",
    "a\n",
  ]) {
    test(`${JSON.stringify(name)} is not a name: the error has its path and says what a name is`, () => {
      assert.throws(
        () => {
          checkName(name, "order: actions");
        },
        { name: "DefinitionError", code: "invalid-definition", message: /^order: actions: .* lower-case letters/ },
      );
    });
  }

  test("left out by a caller without types is none either", () => {
    const { absent } = JSON.parse('{"absent":null}') as { absent: string };
    assert.throws(() => {
      checkName(absent, "defineResource: name");
    }, /^DefinitionError: defineResource: name: null is not a name/);
  });
});

// The annotations are the test: a type that differs from the value at run time does not compile, or fails.
const plurals = {
  "virtual-machine": plural("virtual-machine"),
  policy: plural("policy"),
  key: plural("key"),
  y: plural("y"),
  "a-y": plural("a-y"),
  bus: plural("bus"),
  box: plural("box"),
  batch: plural("batch"),
  wish: plural("wish"),
  buzz: plural("buzz"),
  h: plural("h"),
} satisfies {
  "virtual-machine": "virtual-machines";
  policy: "policies";
  key: "keys";
  y: "ies";
  "a-y": "a-ies";
  bus: "buses";
  box: "boxes";
  batch: "batches";
  wish: "wishes";
  buzz: "buzzes";
  h: "hs";
};

test("the plural equals that of the types", () => {
  assert.deepEqual(plurals, {
    "virtual-machine": "virtual-machines",
    policy: "policies",
    key: "keys",
    y: "ies",
    "a-y": "a-ies",
    bus: "buses",
    box: "boxes",
    batch: "batches",
    wish: "wishes",
    buzz: "buzzes",
    h: "hs",
  });
});

const camels = {
  "virtual-machines": camelCase("virtual-machines"),
  orders: camelCase("orders"),
  "x86-host": camelCase("x86-host"),
  "a-b-c": camelCase("a-b-c"),
} satisfies { "virtual-machines": "virtualMachines"; orders: "orders"; "x86-host": "x86Host"; "a-b-c": "aBC" };

test("the camel case equals that of the types", () => {
  assert.deepEqual(camels, {
    "virtual-machines": "virtualMachines",
    orders: "orders",
    "x86-host": "x86Host",
    "a-b-c": "aBC",
  });
});

const name = fc.stringMatching(/^[a-z][a-z0-9]{0,5}(-[a-z][a-z0-9]{0,5}){0,3}$/);

test("the plural and the schema's name of any name are names of their own kind", () => {
  fc.assert(
    fc.property(name, (given) => {
      checkName(plural(given), "plural");
      assert.match(pascalCase(given), /^[A-Z][A-Za-z0-9]*$/);
    }),
  );
});
