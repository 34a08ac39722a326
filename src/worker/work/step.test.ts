import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { Fixture } from "../../../test/worker/fixture.ts";
import { addressOf, oneTick, machine } from "../../../test/worker/machine.ts";
import { PermanentError, WorkError } from "../../core/errors.ts";

suite("step", () => {
  test("is committed before it resolves to the JSON round trip of its result", async () => {
    let seen: unknown;
    const type = machine(async ({ id, step }) => {
      const measured = await step("measure", () => ({ at: new Date(0), none: undefined, not: null }));
      const records = await fixture.records(type, id);
      const nothing = await step("nothing", (): unknown => undefined);
      seen = [
        measured,
        records.map(({ step: name, state, result }) => [name, state, result]),
        nothing,
        await step("null", () => null),
      ];
      return {};
    });
    await using fixture = await Fixture.open({ types: [type] });
    await fixture.startWorker();
    await fixture.settled(type, await fixture.create(type));
    const text = '{"at":"1970-01-01T00:00:00.000Z","not":null}';
    assert.deepEqual(seen, [JSON.parse(text), [["measure", "done", text]], undefined, null]);
  });

  test("is not run again by a later attempt, which gets its result", async () => {
    const runs: string[] = [];
    const type = machine(async ({ attempt, step }) => {
      const disk = await step("disk", () => {
        runs.push("disk");
        return { disk: 1 };
      });
      const nothing = await step("nothing", (): unknown => {
        runs.push("nothing");
        return undefined;
      });
      if (attempt === 1) throw new Error("after both");
      return { address: JSON.stringify([disk, nothing ?? "nothing"]) };
    });
    await using fixture = await Fixture.open({ types: [type] });
    await fixture.startWorker();
    const id = await fixture.create(type);
    await fixture.reaches(type, id, ({ operation }) => operation.failures === 1);
    fixture.clock.advance(2000);
    const { details } = await fixture.settled(type, id);
    assert.deepEqual(runs, ["disk", "nothing"]);
    assert.equal(addressOf({ details }), '[{"disk":1},"nothing"]');
  });

  test("with undo is committed as started before it runs", async () => {
    let during: unknown;
    const type = machine(async ({ id, step }) => {
      await step("disk", async () => void (during = await fixture.records(type, id)), { undo: () => {} });
      return {};
    });
    await using fixture = await Fixture.open({ types: [type] });
    await fixture.startWorker();
    const id = await fixture.create(type);
    await fixture.settled(type, id);
    assert.partialDeepStrictEqual(during, [{ step: "disk", state: "started", undo: true }]);
    assert.partialDeepStrictEqual(await fixture.records(type, id), [
      { step: "disk", state: "done", undo: true, position: 1 },
    ]);
  });

  test("has the same key in every attempt, another for another step and resource", async () => {
    const keys: string[] = [];
    const type = machine(async ({ attempt, step }) => {
      await step("a b", ({ idempotencyKey }) => {
        keys.push(idempotencyKey);
        if (attempt < 3) throw new Error("once more");
      });
      await step("second", ({ idempotencyKey }) => void keys.push(idempotencyKey));
      return {};
    });
    await using fixture = await Fixture.open({ types: [type] });
    await fixture.startWorker();
    const id = await fixture.create(type);
    for (const failures of [1, 2]) {
      await fixture.reaches(type, id, ({ operation }) => operation.failures === failures);
      await fixture.answered();
      fixture.clock.advance(5000);
    }
    await fixture.settled(type, id);
    const [first, second, third, other] = keys;
    assert.equal(keys.length, 4);
    assert.deepEqual([first, first, first], [first, second, third]);
    assert.notEqual(first, other);
    assert.match(keys.join(""), /^[A-Za-z0-9_-]+$/);
  });

  test("runs side by side with others", async () => {
    const started: string[] = [];
    const both = Promise.withResolvers<void>();
    const resolveBoth = async (name: string): Promise<string> => {
      started.push(name);
      if (started.length === 2) both.resolve();
      await both.promise;
      return name;
    };
    const type = machine(async ({ step }) => ({
      address: (await Promise.all([step("a", () => resolveBoth("a")), step("b", () => resolveBoth("b"))])).join(","),
    }));
    await using fixture = await Fixture.open({ types: [type] });
    await fixture.startWorker();
    const { details } = await fixture.settled(type, await fixture.create(type));
    assert.equal(addressOf({ details }), "a,b");
  });

  test("that failed throws the same error in a later attempt if work continued to a wait", async () => {
    const caught: unknown[] = [];
    let runs = 0;
    const type = machine(async ({ step, receive }) => {
      await step("risky", () => {
        runs++;
        throw new WorkError("no disk left", { code: "no-disk" });
      }).catch((error: unknown) => {
        assert.ok(error instanceof WorkError);
        caught.push([error.code, error.message, error.retryable]);
      });
      await receive("approval");
      return {};
    });
    await using fixture = await Fixture.open({ types: [type] });
    await fixture.startWorker();
    const id = await fixture.create(type);
    await fixture.state(type, id, "waiting");
    await fixture.receive(type, id, "approval", { by: "me" });
    await fixture.settled(type, id);
    assert.equal(runs, 1);
    assert.deepEqual(caught, [
      ["no-disk", "no disk left", true],
      ["no-disk", "no disk left", true],
    ]);
  });

  for (const [what, name, code] of [
    ["a name used twice", "first", "step-name-used"],
    ["a name used by a sleep", "nap", "step-name-used"],
    ["an empty name", "", "invalid-step-name"],
    ["a name of more than 200 characters", "x".repeat(201), "invalid-step-name"],
    ["a name with control characters", "a\u0000b", "invalid-step-name"],
  ] as const) {
    test(`fails for good for ${what}`, async () => {
      let ran = false;
      const type = machine(async ({ step, sleep }) => {
        await sleep("nap", 0);
        // Still running when its name is used again.
        const first = step("first", oneTick);
        try {
          await step(name, () => {
            ran = true;
          });
        } finally {
          await first;
        }
        return {};
      });
      await using fixture = await Fixture.open({ types: [type] });
      await fixture.startWorker();
      const id = await fixture.create(type);
      const { error, operation } = await fixture.settled(type, id);
      assert.deepEqual(
        { code: error?.code, retryable: error?.retryable, attempt: operation.attempt, ran },
        { code, retryable: false, attempt: 1, ran: false },
      );
    });
  }

  const cycle: { self?: unknown } = {};
  cycle.self = cycle;
  for (const [what, result, problem] of [
    ["a function", () => {}, '"odd": a function cannot be represented in JSON'],
    ["a cycle", cycle, '"odd".self: a cycle cannot'],
    ["a BigInt", 1n, '"odd": the BigInt 1 cannot'],
    ["a symbol", Symbol("s"), '"odd": a symbol cannot'],
    ["NaN", { sizes: [1, Number.NaN] }, '"odd".sizes[1]: NaN cannot'],
    ["Infinity", [Infinity], '"odd"[0]: Infinity cannot'],
    ["a Map", new Map([["a", 1]]), '"odd": a Map cannot'],
    ["a Set", { tags: new Set(["a"]) }, '"odd".tags: a Set cannot'],
    ["a RegExp", /a/, '"odd": a RegExp cannot'],
    ["an Error", { error: new Error("no") }, '"odd".error: an Error cannot'],
    ["a typed array", new Uint8Array(2), '"odd": a Uint8Array cannot'],
    ["a Buffer", { body: Buffer.from("a") }, '"odd".body: a Buffer cannot'],
    ["a sparse array", Object.assign([], { 2: 3 }), '"odd"[0]: a hole in an array cannot'],
  ] as const) {
    test(`fails for good for ${what} as result`, async () => {
      const type = machine(async ({ step }) => {
        await step("odd", (): unknown => result);
        return {};
      });
      await using fixture = await Fixture.open({ types: [type] });
      await fixture.startWorker();
      const { error } = await fixture.settled(type, await fixture.create(type));
      assert.equal(error?.code, "step-result-not-json");
      assert.ok(error.detail.startsWith(`The result of ${problem}`), error.detail);
    });
  }

  test("inside a step is rejected", async () => {
    const type = machine(async ({ step, sleep }) => {
      await step("outer", () => sleep("inner", 1000));
      return {};
    });
    await using fixture = await Fixture.open({ types: [type] });
    await fixture.startWorker();
    const { error } = await fixture.settled(type, await fixture.create(type));
    assert.equal(error?.code, "step-in-step");
  });

  test("whose result is too large fails the operation even if work catches that", async () => {
    let next: unknown;
    const type = machine(
      async ({ step }) => {
        await step("large", () => "x".repeat(5000)).catch(() => {});
        await step("next", () => {}).catch((error: unknown) => void (next = error));
        return {};
      },
      { maxBytes: 4000 },
    );
    await using fixture = await Fixture.open({ types: [type] });
    await fixture.startWorker();
    const { error, operation } = await fixture.settled(type, await fixture.create(type));
    assert.deepEqual({ code: error?.code, attempt: operation.attempt }, { code: "operation-too-large", attempt: 1 });
    assert.match(error?.detail ?? "", /"large".*4000 characters/);
    assert.ok(next instanceof PermanentError);
  });

  test("wins the same race in a replay as in the first run", async () => {
    const winners: string[] = [];
    const type = machine(async ({ step, receive }) => {
      const slowFirst = Promise.withResolvers<void>();
      const a = step("a", () => slowFirst.promise);
      const b = step("b", () => {});
      winners.push(await Promise.race([a.then(() => "a"), b.then(() => "b")]));
      // A later commit, after the clock has advanced.
      fixture.clock.advance(5);
      slowFirst.resolve();
      await a;
      await receive("approval");
      return {};
    });
    await using fixture = await Fixture.open({ types: [type] });
    await fixture.startWorker();
    const id = await fixture.create(type);
    await fixture.state(type, id, "waiting");
    await fixture.receive(type, id, "approval", { by: "me" });
    await fixture.settled(type, id);
    assert.deepEqual(winners, ["b", "b"]);
  });
});
