import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { addressOf, machine, whenAborted } from "../../test/worker/machine.ts";
import { Scene } from "../../test/worker/scene.ts";
import { watching } from "../../test/worker/watching.ts";

suite("a worker's stop", () => {
  test("lets attempts finish within the grace, and claims no more", async () => {
    const go = Promise.withResolvers<void>();
    const begun = Promise.withResolvers<void>();
    const type = machine(async () => {
      begun.resolve();
      await go.promise;
      return { address: "finished" };
    });
    await using scene = await Scene.open({ types: [type] });
    const worker = await scene.startWorker();
    const id = await scene.create(type);
    await begun.promise;
    const stopped = worker.stop();
    const other = await scene.create(type);
    await scene.turns();
    go.resolve();
    await stopped;
    assert.equal(addressOf(await scene.settled(type, id)), "finished");
    assert.equal((await scene.read(type, other)).operation.state, "pending");
  });

  test("hands the rest back after their steps have settled, and another worker goes on", async () => {
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
        // A step that a stop has ended did not fail: work must not go another way because of a deploy.
        ran.push(error);
      }
      return { address: `attempt ${attempt}` };
    });
    await using scene = await Scene.open({ types: [type] });
    const worker = await scene.startWorker();
    const id = await scene.create(type);
    await begun.promise;
    await scene.stop(worker, 10_000);
    const { operation } = await scene.state(type, id, "pending");
    assert.deepEqual([operation.failures, operation.losses, codes], [0, 0, ["handed-back"]]);
    await scene.startWorker();
    const { details } = await scene.settled(type, id);
    assert.deepEqual(
      [addressOf({ details }), ran],
      [
        "attempt 2",
        [
          ["a", 1],
          ["b", 1],
          ["b", 2],
        ],
      ],
    );
  });

  test("does not wait for ever for a step that does not react, and says so", async () => {
    const begun = Promise.withResolvers<void>();
    const type = machine(async ({ step }) => {
      await step("hang", () => {
        begun.resolve();
        return new Promise(() => {});
      });
      return {};
    });
    await using scene = await Scene.open({ types: [type] });
    const worker = await scene.startWorker();
    const id = await scene.create(type);
    await begun.promise;
    await scene.stop(worker, 1000);
    assert.equal((await scene.read(type, id)).operation.state, "running");
    assert.ok(scene.logged.some(({ message }) => message.includes("without having handed everything back")));
  });

  test("hands back work that awaits something of its own and does not react", async () => {
    const begun = Promise.withResolvers<void>();
    const type = machine(() => {
      begun.resolve();
      return new Promise(() => {});
    });
    await using scene = await Scene.open({ types: [type] });
    const worker = await scene.startWorker();
    const id = await scene.create(type);
    await begun.promise;
    await scene.stop(worker, 4000);
    const { operation } = await scene.read(type, id);
    assert.deepEqual([operation.state, operation.failures, operation.losses], ["pending", 0, 0]);
  });

  test("hands back what a claim under way still brings", async () => {
    const type = machine(async () => ({}));
    await using scene = await Scene.open({ types: [type] });
    const id = await scene.create(type);
    const arrived = Promise.withResolvers<void>();
    const held = Promise.withResolvers<void>();
    const worker = await scene.startWorker(
      {},
      watching(async (kind) => {
        if (kind !== "claim") return;
        arrived.resolve();
        await held.promise;
      }),
    );
    await arrived.promise;
    const stopped = worker.stop();
    held.resolve();
    await stopped;
    const { operation } = await scene.read(type, id);
    assert.deepEqual([operation.state, operation.attempt, operation.worker], ["pending", 1, null]);
  });

  test("leaves no timer", async () => {
    const type = machine(async ({ id, step, report, sleep }) => {
      report({ progress: 0.5 });
      if (id === "r1") await sleep("rest", 1e6);
      await step("hang", ({ signal }) => whenAborted(signal), { timeoutMs: 1e5 });
      return {};
    });
    await using scene = await Scene.open({ types: [type] });
    await scene.turns();
    const before = scene.clock.size;
    const worker = await scene.startWorker();
    const id = await scene.create(type);
    await scene.create(type);
    await scene.state(type, id, "waiting");
    await scene.stop(worker, 0);
    assert.equal(scene.clock.size, before);
  });
});
