import assert from "node:assert/strict";
import { afterEach, beforeEach, describe, it } from "node:test";
import { type Fixture, shown, startFixture } from "./fixture.ts";

const READY = { outcome: "succeeded", details: { address: "10.0.0.1" } };

/** Invalid results of `observe`, each with the expected log message. */
const FAULTS: readonly (readonly [what: string, result: () => unknown, complaint: RegExp])[] = [
  ["throws", () => assert.fail("out of order"), /out of order/],
  ["rejects with what is no error", () => refuse("no"), /no/],
  ["returns no object", () => 7, /must be an object/],
  ["returns a list", () => [], /must be an object/],
  ["returns progress NaN", () => ({ progress: Number.NaN }), /progress: NaN is not a number from 0 to 1/],
  ["returns progress as a text", () => ({ progress: "50%" }), /progress: "50%" is not/],
  [
    "shows a settled label while it goes on",
    () => ({ status: "Ready" }),
    /"Ready" is a label of settled resources; if the operation has ended, return outcome/,
  ],
  [
    "succeeds with a label that is none",
    () => ({ ...READY, status: "Melting" }),
    /"Melting" is not a ready label; use one of: Ready, Stopped/,
  ],
  ["returns a label that is no text", () => ({ status: 5 }), /status: a label must be a string/],
  ["returns a label that nothing can store", () => ({ status: "a\u0000b" }), /control characters or lone surrogates/],
  ["returns an outcome that is none", () => ({ outcome: "done" }), /outcome: "done" is neither/],
  ["succeeds without details", () => ({ outcome: "succeeded" }), /details\/address: /],
  [
    "succeeds with details that do not fit",
    () => ({ outcome: "succeeded", details: { address: 5 } }),
    /details\/address: /,
  ],
  ["returns details that do not fit", () => ({ details: { rack: "seven" } }), /details\/rack: /],
  ["returns details under a name that is taken", () => ({ details: { status: "x" } }), /details\/status: is reserved/],
  ["returns details that are no object", () => ({ details: [1] }), /must be an object/],
  ["returns details that JSON has no word for", () => ({ details: { rack: 7n } }), /BigInt/],
  [
    "returns NaN in details",
    () => ({ details: { rack: Number.NaN } }),
    /details\/rack: NaN cannot be represented in JSON/,
  ],
  ["returns a Map in details", () => ({ details: { tags: new Map() } }), /details\/tags: a Map cannot be represented/],
  ["returns a Buffer as details", () => ({ details: Buffer.from("a") }), /details: a Buffer cannot be represented/],
  ["returns more than an operation holds", () => ({ details: { note: "x".repeat(2_000_000) } }), /operation-too-large/],
  ["fails for a reason that is none", () => ({ outcome: "failed", error: { code: 5 } }), /error: .* is invalid/],
  [
    "has a field that throws",
    () => ({
      get progress() {
        throw new Error("a trap");
      },
    }),
    /a trap/,
  ],
];

function refuse(reason: unknown): never {
  throw reason;
}

describe("an invalid result of observe", () => {
  let fixture: Fixture;
  beforeEach(async () => {
    fixture = await startFixture();
  });
  afterEach(() => fixture[Symbol.asyncDispose]());

  const isDiscarded = (what: string, result: () => unknown, complaint: RegExp): void => {
    it(`is logged, and the stored state is served, if it ${what}`, async () => {
      const path = await fixture.create("machines");
      fixture.process.result = () => ({ progress: 0.25 });
      await fixture.send("GET", path);
      fixture.process.result = result;
      const response = await fixture.send("GET", path);
      assert.deepEqual(
        { status: response.status, shown: shown(response) },
        { status: 200, shown: { status: "Provisioning", progress: "25%" } },
      );
      assert.equal(fixture.warnings.length, 1, JSON.stringify(fixture.warnings));
      assert.match(fixture.warnings[0]?.error ?? "", complaint);
      // The warning is throttled: not every GET repeats it.
      await fixture.send("GET", path);
      assert.equal(fixture.warnings.length, 1);
      fixture.process.result = () => READY;
      assert.equal((await fixture.send("GET", path)).body["status"], "Ready");
    });
  };
  for (const [what, result, complaint] of FAULTS) isDiscarded(what, result, complaint);
});
