import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { Fixture } from "../../test/worker/fixture.ts";
import { addressOf, machine, whenAborted } from "../../test/worker/machine.ts";
import { AttemptAbort } from "./attempt/abort.ts";

suite("a stopping worker", () => {
  test("aborts the signal at once, and work that reacts is handed back at once", async () => {
    const begun = Promise.withResolvers<void>();
    const reasons: unknown[] = [];
    const type = machine(async ({ attempt, signal }) => {
      if (attempt > 1) return { address: "again" };
      begun.resolve();
      await new Promise((resolve) => signal.addEventListener("abort", resolve));
      reasons.push(signal.reason);
      throw signal.reason;
    });
    await using fixture = await Fixture.open({ types: [type] });
    const worker = await fixture.startWorker();
    const id = await fixture.create(type);
    await begun.promise;
    await worker.stop();
    const { operation } = await fixture.read(type, id);
    const { state, failures, lostWorkers } = operation;
    assert.deepEqual({ state, failures, lostWorkers }, { state: "pending", failures: 0, lostWorkers: 0 });
    const [reason] = reasons;
    assert.ok(reason instanceof AttemptAbort);
    assert.deepEqual({ name: reason.name, code: reason.code }, { name: "AbortError", code: "handed-back" });
    assert.match(reason.message, /the operation is handed back, and its work will run again/);
    await fixture.startWorker();
    assert.equal(addressOf(await fixture.settled(type, id)), "again");
  });

  test("lets work that ignores the signal go on with its steps until it has finished", async () => {
    const begun = Promise.withResolvers<void>();
    const go = Promise.withResolvers<void>();
    const type = machine(async ({ step, until, attempt }) => {
      await step("first", async () => {
        begun.resolve();
        await go.promise;
      });
      await step("second", () => {}, { undo: () => {} });
      const checked = await until("third", () => "checked");
      return { address: `${checked} in attempt ${attempt}` };
    });
    await using fixture = await Fixture.open({ types: [type] });
    const worker = await fixture.startWorker();
    const id = await fixture.create(type);
    await begun.promise;
    const stopped = worker.stop();
    await fixture.ticks();
    go.resolve();
    await stopped;
    assert.equal(addressOf(await fixture.settled(type, id)), "checked in attempt 1");
  });

  test("lets work that comes to a wait go on waiting", async () => {
    const begun = Promise.withResolvers<void>();
    const go = Promise.withResolvers<void>();
    const type = machine(async ({ step, sleep }) => {
      await step("first", async () => {
        begun.resolve();
        await go.promise;
      });
      await sleep("long", 1e6);
      return {};
    });
    await using fixture = await Fixture.open({ types: [type] });
    const worker = await fixture.startWorker();
    const id = await fixture.create(type);
    await begun.promise;
    const stopped = worker.stop();
    await fixture.ticks();
    go.resolve();
    await stopped;
    assert.equal((await fixture.read(type, id)).operation.state, "waiting");
  });

  test("does not take work for done that returns although a step was interrupted", async () => {
    const begun = Promise.withResolvers<void>();
    const ran: number[] = [];
    const type = machine(async ({ step, attempt }) => {
      void step("beside", async ({ signal }) => {
        ran.push(attempt);
        if (attempt > 1) return;
        begun.resolve();
        await whenAborted(signal);
      });
      return { address: `attempt ${attempt}` };
    });
    await using fixture = await Fixture.open({ types: [type] });
    const worker = await fixture.startWorker();
    const id = await fixture.create(type);
    await begun.promise;
    await worker.stop();
    assert.equal((await fixture.read(type, id)).operation.state, "pending");
    await fixture.startWorker();
    assert.equal(addressOf(await fixture.settled(type, id)), "attempt 2");
    assert.deepEqual(ran, [1, 2]);
  });

  test("hands back a step that has ignored its signal for the whole grace, and names it", async () => {
    const begun = Promise.withResolvers<void>();
    const type = machine(async ({ step }) => {
      await step("hang", () => {
        begun.resolve();
        return new Promise(() => {});
      });
      return {};
    });
    await using fixture = await Fixture.open({ types: [type] });
    const worker = await fixture.startWorker();
    const id = await fixture.create(type);
    await begun.promise;
    await fixture.stop(worker, 10_000);
    const { state, lostWorkers } = (await fixture.read(type, id)).operation;
    assert.deepEqual({ state, lostWorkers }, { state: "pending", lostWorkers: 0 });
    const warning = fixture.logged.find(({ message }) =>
      message.startsWith("work has ignored its aborted signal for 5 s"),
    );
    assert.partialDeepStrictEqual(warning?.fields, { id, reason: "handed-back", running: ["hang"] });
  });

  for (const [what, fail] of [
    ["fails", () => Promise.reject(new Error("the server is away"))],
    ["is never answered", () => new Promise(() => {})],
  ] as const) {
    test(`repeats a hand-back that ${what}, within the last second`, async () => {
      const begun = Promise.withResolvers<void>();
      const type = machine(async ({ step }) => {
        await step("hang", ({ signal }) => {
          begun.resolve();
          return new Promise((resolve) => signal.addEventListener("abort", () => setImmediate(resolve)));
        });
        await new Promise(() => {});
        return {};
      });
      await using fixture = await Fixture.open({ types: [type] });
      let tries = 0;
      const worker = await fixture.startWorker({}, (broker) => ({
        ...broker,
        request: async (kind, request, options) => {
          if (kind === "end" && ++tries <= 2) {
            await Promise.race([
              fail(),
              new Promise((_resolve, reject) => {
                fixture.clock.after(options?.timeoutMs ?? 0, () => reject(new Error("timeout")));
              }),
            ]);
          }
          return broker.request(kind, request, options);
        },
      }));
      const id = await fixture.create(type);
      await begun.promise;
      await fixture.stop(worker, 3000);
      const { state } = (await fixture.read(type, id)).operation;
      assert.deepEqual({ state, tries }, { state: "pending", tries: 3 });
    });
  }
});
