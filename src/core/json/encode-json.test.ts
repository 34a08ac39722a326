import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { encodeJson, NotJsonError } from "./encode-json.ts";

class Point {
  readonly x = 1;
  readonly #hidden = 2;
  sum(): number {
    return this.x + this.#hidden;
  }
}

function reasonOf(value: unknown): string {
  try {
    encodeJson(value, "result");
  } catch (error) {
    assert.ok(error instanceof NotJsonError, String(error));
    return error.message;
  }
  return "encoded";
}

test("JSON values are encoded as JSON.stringify encodes them", () => {
  fc.assert(
    fc.property(fc.jsonValue(), (value) => {
      assert.equal(encodeJson(value, "result"), JSON.stringify(value));
    }),
  );
});

test("dates, toJSON, undefined fields and instances of classes are encoded as JSON defines them", () => {
  const values = [
    new Date(0),
    { at: new Date(0), url: new URL("https://afoot.dev/a") },
    { a: undefined, b: { c: undefined } },
    [undefined, 1],
    { toJSON: () => ({ a: 1 }) },
    { gone: { toJSON: () => undefined } },
    new Point(),
    Object.assign(Object.create(null), { a: 1 }),
    // oxlint-disable-next-line no-new-wrappers, unicorn/new-for-builtins -- JSON unwraps them
    [new Number(1), new String("a"), new Boolean(false)],
    "half a pair: \ud800",
    -0,
  ];
  for (const value of values) assert.equal(encodeJson(value, "result"), JSON.stringify(value));
});

test("a value that JSON would lose is rejected with its path", () => {
  const sparse: unknown[] = [1];
  sparse[2] = 3;
  const cases: [value: unknown, message: RegExp][] = [
    [NaN, /^result: NaN cannot be represented in JSON; use null or a string$/],
    [{ disks: [{ sizeGb: -Infinity }] }, /^result\.disks\[0\]\.sizeGb: -Infinity cannot/],
    [{ "a b": { "": Infinity } }, /^result\["a b"\]\[""\]: Infinity cannot/],
    [undefined, /^result: undefined cannot/],
    [{ list: sparse }, /^result\.list\[1\]: a hole in an array cannot.*use null$/],
    [{ map: new Map([["a", 1]]) }, /^result\.map: a Map cannot.*plain object/],
    [new Set([1]), /^result: a Set cannot.*array/],
    [new WeakMap(), /^result: a WeakMap cannot/],
    [/a/, /^result: a RegExp cannot/],
    [{ error: new TypeError("m") }, /^result\.error: an Error cannot.*message/],
    [[Promise.resolve(1)], /^result\[0\]: a Promise cannot.*await/],
    [new Uint8Array(2), /^result: a Uint8Array cannot.*base64/],
    [{ bytes: Buffer.from("a") }, /^result\.bytes: a Buffer cannot.*base64/],
    [new Float64Array(1), /^result: a Float64Array cannot/],
    [new ArrayBuffer(1), /^result: an ArrayBuffer cannot/],
    [new DataView(new ArrayBuffer(1)), /^result: a DataView cannot/],
    [new URLSearchParams("a=1"), /^result: an? URLSearchParams cannot/],
    [() => 1, /^result: a function cannot/],
    [{ run() {} }, /^result\.run: a function cannot/],
    [[Symbol("a")], /^result\[0\]: a symbol cannot/],
    [{ at: new Date(NaN) }, /^result\.at: a Date cannot.*invalid/],
    [{ count: 1n }, /^result\.count: the BigInt 1 cannot.*string/],
    [{ toJSON: () => ({ a: NaN }) }, /^result\.a: NaN cannot/],
    [{ toJSON: () => new Date(0) }, /^result: a Date cannot/],
    // oxlint-disable-next-line no-new-wrappers, unicorn/new-for-builtins -- JSON unwraps it
    [new Number(NaN), /^result: NaN cannot/],
  ];
  for (const [value, message] of cases) assert.match(reasonOf(value), message);
});

test("a cycle is rejected with its path, an object that is referred to twice is not", () => {
  const ring: { name: string; next?: unknown[] } = { name: "a" };
  ring.next = [ring];
  assert.match(reasonOf({ ring }), /^result\.ring\.next\[0\]: a cycle/);
  const shared = { a: 1 };
  assert.equal(reasonOf([shared, shared]), "encoded");
});

test("what cannot be read or is nested too deeply is rejected with the cause", () => {
  let deep: unknown = 1;
  for (let level = 0; level < 100_000; level++) deep = [deep];
  assert.match(reasonOf(deep), /^result: it is nested too deeply/);
  const broken = {
    get a(): never {
      throw new Error("not yet");
    },
  };
  assert.match(reasonOf(broken), /^result: it cannot be read as JSON: not yet$/);
});

test("the error has the path as an RFC 6901 pointer, too", () => {
  assert.throws(
    () => encodeJson({ "a/b": [{ c: NaN }] }, "details"),
    (error) => error instanceof NotJsonError && error.pointer === "/a~1b/0/c" && error.path === '["a/b"][0].c',
  );
});
