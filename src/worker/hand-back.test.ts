import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { Fixture } from "../../test/worker/fixture.ts";
import { addressOf, machine, whenAborted } from "../../test/worker/machine.ts";
import { watching } from "../../test/worker/watching.ts";

suite("a worker's stop", () => {
  test("lets attempts finish within the grace period, and claims no more", async () => {
    const go = Promise.withResolvers<void>();
    const begun = Promise.withResolvers<void>();
    const type = machine(async () => {
      begun.resolve();
      await go.promise;
      return { address: "finished" };
    });
    await using fixture = await Fixture.open({ types: [type] });
    const worker = await fixture.startWorker();
    const id = await fixture.create(type);
    await begun.promise;
    const stopped = worker.stop();
    const other = await fixture.create(type);
    await fixture.ticks();
    go.resolve();
    await stopped;
    assert.equal(addressOf(await fixture.settled(type, id)), "finished");
    assert.equal((await fixture.read(type, other)).operation.state, "pending");
  });

  test("hands attempts back once their steps have settled, and another worker continues", async () => {
    const begun = Promise.withResolvers<void>();
    const ran: unknown[] = [];
    const codes: string[] = [];
    const type = machine(async ({ attempt, step }) => {
      await step("a", () => void ran.push(["a", attempt]));
      try {
        await step("b", async ({ signal }) => {
          ran.push(["b", attempt]);
          if (attempt > 1) return;
          begun.resolve();
          await whenAborted(signal, (code) => codes.push(code));
        });
      } catch (error) {
        // A step that was interrupted by a stop has not failed: a deploy must not change the path of the work.
        ran.push(error);
      }
      return { address: `attempt ${attempt}` };
    });
    await using fixture = await Fixture.open({ types: [type] });
    const worker = await fixture.startWorker();
    const id = await fixture.create(type);
    await begun.promise;
    await fixture.stop(worker, 10_000);
    const { operation } = await fixture.state(type, id, "pending");
    assert.deepEqual(
      { failures: operation.failures, lostWorkers: operation.lostWorkers, codes },
      { failures: 0, lostWorkers: 0, codes: ["handed-back"] },
    );
    await fixture.startWorker();
    const { details } = await fixture.settled(type, id);
    assert.deepEqual(
      { addressOf: addressOf({ details }), ran },
      {
        addressOf: "attempt 2",
        ran: [
          ["a", 1],
          ["b", 1],
          ["b", 2],
        ],
      },
    );
  });

  test("does not wait forever for a step that ignores its signal, and logs that", async () => {
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
    await fixture.stop(worker, 1000);
    assert.equal((await fixture.read(type, id)).operation.state, "running");
    assert.ok(fixture.logged.some(({ message }) => message.includes("before every operation was handed back")));
  });

  test("hands back work that awaits a promise of its own and ignores its signal", async () => {
    const begun = Promise.withResolvers<void>();
    const type = machine(() => {
      begun.resolve();
      return new Promise(() => {});
    });
    await using fixture = await Fixture.open({ types: [type] });
    const worker = await fixture.startWorker();
    const id = await fixture.create(type);
    await begun.promise;
    await fixture.stop(worker, 4000);
    const { operation } = await fixture.read(type, id);
    assert.deepEqual(
      { state: operation.state, failures: operation.failures, lostWorkers: operation.lostWorkers },
      { state: "pending", failures: 0, lostWorkers: 0 },
    );
  });

  test("hands back the grants of a claim in flight", async () => {
    const type = machine(async () => ({}));
    await using fixture = await Fixture.open({ types: [type] });
    const id = await fixture.create(type);
    const arrived = Promise.withResolvers<void>();
    const claimed = Promise.withResolvers<void>();
    const worker = await fixture.startWorker(
      {},
      watching(async (kind) => {
        if (kind !== "claim") return;
        arrived.resolve();
        await claimed.promise;
      }),
    );
    await arrived.promise;
    const stopped = worker.stop();
    claimed.resolve();
    await stopped;
    const { operation } = await fixture.read(type, id);
    assert.deepEqual(
      { state: operation.state, attempt: operation.attempt, worker: operation.worker },
      { state: "pending", attempt: 1, worker: null },
    );
  });

  test("leaves no timer", async () => {
    const type = machine(async ({ id, step, report, sleep }) => {
      report({ progress: 0.5 });
      if (id === "r1") await sleep("rest", 1e6);
      await step("hang", ({ signal }) => whenAborted(signal), { timeoutMs: 1e5 });
      return {};
    });
    await using fixture = await Fixture.open({ types: [type] });
    await fixture.ticks();
    const before = fixture.clock.size;
    const worker = await fixture.startWorker();
    const id = await fixture.create(type);
    await fixture.create(type);
    await fixture.state(type, id, "waiting");
    await fixture.stop(worker, 0);
    assert.equal(fixture.clock.size, before);
  });
});
