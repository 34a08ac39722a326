import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { Fixture } from "../../../test/worker/fixture.ts";
import { machine } from "../../../test/worker/machine.ts";
import type { ProgressMessage } from "../../core/ports/messages.ts";

/** A report of a library whose getters may throw. */
const unreadable = {
  get progress(): number {
    throw new Error("The statistics are closed.");
  },
};

suite("a report", () => {
  for (const [what, report, sent, warning] of [
    ["a progress below zero", { progress: -0.1 }, { progress: 0 }, "progress: -0.1 is not from 0 to 1; using 0"],
    ["a progress in percent", { progress: 50 }, { progress: 1 }, "progress: 50 is not from 0 to 1; using 1"],
    ["a progress of NaN", { progress: Number.NaN, status: "Booting" }, { status: "Booting" }, "progress: NaN is not a"],
    ["a progress as a string", { progress: "50%" }, undefined, "progress: '50%' is not a number"],
    [
      "an estimate below zero",
      { progress: 0.99, estimatedTimeRemainingMs: -1.27 },
      { progress: 0.99, estimatedTimeRemainingMs: 0 },
      "estimatedTimeRemainingMs: -1.27 is not from 0 to 3155760000000; using 0",
    ],
    [
      "an endless estimate",
      { progress: 0, estimatedTimeRemainingMs: Infinity },
      { progress: 0 },
      "estimatedTimeRemainingMs: Infinity is not a number",
    ],
    ["an empty label", { status: "" }, undefined, "status: '': a label must be a string that is not empty"],
    ["a label that is too long", { status: "x".repeat(201) }, undefined, "has 201 characters; a label has at most 200"],
    ["a label that is no string", { status: 7 }, undefined, "status: 7: a label must be a string"],
    ["the ready label", { status: "Ready", progress: 0.1 }, { progress: 0.1 }, "status: 'Ready' is a label of settled"],
    ["another ready label", { status: "Stopped" }, undefined, "status: 'Stopped' is a label of settled resources"],
    ["the failed label", { status: "Failed" }, undefined, "status: 'Failed' is a label of settled resources"],
    ["the cancelled label", { status: "Cancelled" }, undefined, "status: 'Cancelled' is a label of settled resources"],
    ["details that are a list", { details: [] }, undefined, "details: [] is not an object"],
    [
      "a reserved field",
      { details: { progress: 1, address: "a" } },
      { details: '{"address":"a"}' },
      "details.progress: is reserved: every representation has this field; choose another name",
    ],
    [
      "a value that is not JSON",
      { details: { rates: [1, Number.NaN], address: "a" } },
      { details: '{"address":"a"}' },
      "details.rates: details.rates[1]: NaN cannot be represented in JSON; use null or a string; ignored",
    ],
    [
      "details that are too large",
      { progress: 0.2, details: { address: "x".repeat(2000) } },
      { progress: 0.2 },
      "details: 2014 characters exceed maxBytes (1000); ignored",
    ],
    ["an unknown field", { progres: 0.5 }, undefined, "progres: unknown field; the fields are progress, status"],
    ["no object", 0.5, undefined, "0.5 is not an object such as { progress: 0.5 }; ignored"],
    ["nothing", undefined, undefined, "undefined is not an object"],
    ["a getter that throws", unreadable, undefined, "reading it throws The statistics are closed.; ignored"],
  ] as const) {
    test(`with ${what} warns once and does not end the work`, async () => {
      const messages: ProgressMessage[] = [];
      const type = machine(
        async ({ report: send, sleep }) => {
          send(report as object);
          send(report as object);
          await sleep("long", 1e6);
          return { address: "end" };
        },
        { maxBytes: 1000 },
      );
      await using fixture = await Fixture.open({ types: [type] });
      await fixture.startWorker({}, (broker) => ({
        ...broker,
        progress(message) {
          messages.push(message);
          broker.progress(message);
        },
      }));
      const id = await fixture.create(type);
      const { status } = await fixture.state(type, id, "waiting");
      const [message] = messages;
      const { operation: _operation, attempt: _attempt, sequence: _sequence, ...fields } = message ?? { attempt: 0 };
      assert.deepEqual(message === undefined ? undefined : fields, sent);
      assert.equal(status, sent !== undefined && "status" in sent ? sent.status : "Provisioning");
      const warnings = fixture.logged.filter(({ level }) => level === "warn").map((logged) => logged.message);
      assert.equal(warnings.length, 1, warnings.join("\n"));
      assert.equal(warnings[0]?.includes(warning), true, warnings[0]);
      fixture.clock.advance(1e6);
      assert.equal((await fixture.settled(type, id)).status, "Ready");
    });
  }
});
