import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { cable } from "../../../test/worker/cable.ts";
import { machine } from "../../../test/worker/machine.ts";
import { Scene } from "../../../test/worker/scene.ts";

const HOUR_MS = 3_600_000;

suite("sleep", () => {
  test("holds no worker, and ends at the instant fixed by its first call", async () => {
    let runs = 0;
    const type = machine(
      async ({ sleep, step }) => {
        await sleep("rest", HOUR_MS);
        await step("after", () => void runs++);
        return {};
      },
      { concurrency: 1 },
    );
    await using scene = await Scene.open({ types: [type] });
    await scene.startWorker();
    const id = await scene.create(type);
    const { operation } = await scene.state(type, id, "waiting");
    assert.equal(operation.dueAt, scene.clock.now() + HOUR_MS);
    assert.equal(operation.worker, null);
    // Its only place is free for another.
    const other = await scene.create(type);
    await scene.state(type, other, "waiting");
    scene.clock.advance(HOUR_MS);
    const settled = await scene.settled(type, id);
    await scene.settled(type, other);
    assert.deepEqual([runs, settled.operation.attempt, settled.operation.failures], [2, 2, 0]);
  });

  test("goes on over a lost worker as if nothing had been, whatever that worker's clock says", async () => {
    const line = cable();
    const type = machine(async ({ sleep }) => {
      await sleep("rest", HOUR_MS);
      return {};
    });
    await using scene = await Scene.open({ types: [type] });
    const first = await scene.startWorker({}, line.through);
    const id = await scene.create(type);
    const { operation } = await scene.state(type, id, "waiting");
    line.cut();
    await scene.stop(first, 0);
    scene.clock.advance(HOUR_MS / 2);
    const astray = {
      now: () => scene.clock.now() + 10 * HOUR_MS,
      monotonic: () => scene.clock.monotonic() + 77,
      random: () => 0.5,
      after: scene.clock.after.bind(scene.clock),
    };
    await scene.startWorker({ clock: astray });
    // Woken too early, it waits for what is left and no more.
    await scene.receive(type, id, "hint", "wake");
    // Stopping the first worker took some time, and how much is not known.
    scene.clock.advance((operation.dueAt ?? 0) - scene.clock.now() - 1000);
    await scene.turns();
    const again = await scene.state(type, id, "waiting");
    assert.equal(again.operation.dueAt, operation.dueAt);
    scene.clock.advance(1000);
    await scene.settled(type, id);
  });

  test("of a moment is waited for in the attempt", async () => {
    const type = machine(async ({ sleep }) => {
      await sleep("moment", 40);
      return {};
    });
    await using scene = await Scene.open({ types: [type] });
    await scene.startWorker();
    const id = await scene.create(type);
    await scene.state(type, id, "running");
    await scene.turns();
    scene.clock.advance(40);
    const { operation } = await scene.settled(type, id);
    assert.equal(operation.attempt, 1);
    assert.partialDeepStrictEqual(await scene.records(type, id), [{ step: "moment", state: "done" }]);
  });

  test("beside a step that runs lets the step finish, and is over in the attempt when its time comes", async () => {
    const long = Promise.withResolvers<void>();
    const order: string[] = [];
    const type = machine(async ({ step, sleep }) => {
      await Promise.all([
        step("long", () => long.promise).then(() => order.push("long")),
        sleep("rest", 1000).then(() => order.push("rest")),
        sleep("night", HOUR_MS).then(() => order.push("night")),
      ]);
      return {};
    });
    await using scene = await Scene.open({ types: [type] });
    await scene.startWorker();
    const id = await scene.create(type);
    await scene.recorded(type, id, "night", "started");
    await scene.turns();
    scene.clock.advance(1000);
    await scene.recorded(type, id, "rest", "done");
    long.resolve();
    const { operation } = await scene.state(type, id, "waiting");
    assert.deepEqual(order, ["rest", "long"]);
    assert.equal(operation.dueAt, scene.clock.now() + HOUR_MS - 1000);
    scene.clock.advance(HOUR_MS);
    assert.equal((await scene.settled(type, id)).operation.attempt, 2);
    assert.deepEqual(order, ["rest", "long", "rest", "long", "night"]);
  });

  for (const ms of [-1, Number.NaN, Infinity]) {
    test(`fails for good for ${ms} ms`, async () => {
      const type = machine(async ({ sleep }) => {
        await sleep("odd", ms);
        return {};
      });
      await using scene = await Scene.open({ types: [type] });
      await scene.startWorker();
      assert.equal((await scene.settled(type, await scene.create(type))).error?.code, "invalid-duration");
    });
  }
});
