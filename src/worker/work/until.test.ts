import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { machine } from "../../../test/worker/machine.ts";
import { Scene } from "../../../test/worker/scene.ts";

suite("until", () => {
  test("checks in each attempt until it is given something, which is recorded", async () => {
    const answers: ({ ready: string } | false | null | undefined)[] = [undefined, null, false, { ready: "yes" }];
    let checks = 0;
    const type = machine(async ({ until, receive }) => {
      const up = await until("up", () => answers[checks++], { everyMs: 2000 });
      await receive("approval");
      return { address: up.ready };
    });
    await using scene = await Scene.open({ types: [type] });
    await scene.startWorker();
    const id = await scene.create(type);
    for (const check of [1, 2, 3]) {
      const { operation } = await scene.reaches(
        type,
        id,
        (now) => now.operation.state === "waiting" && now.operation.attempt === check,
      );
      assert.equal(operation.dueAt, scene.clock.now() + 2000);
      scene.clock.advance(2000);
    }
    await scene.recorded(type, id, "up", "done");
    await scene.state(type, id, "waiting");
    await scene.receive(type, id, "approval", { by: "me" });
    const { details } = await scene.settled(type, id);
    assert.deepEqual([JSON.parse(details), checks], [{ address: "yes" }, 4]);
  });

  test("gives undefined once its time is over, counted from its first call", async () => {
    let checks = 0;
    const isDown = (_check: number): unknown => undefined;
    const type = machine(async ({ until }) => {
      const up = await until("up", () => isDown(++checks), { everyMs: 2000, timeoutMs: 5000 });
      return { address: String(up) };
    });
    await using scene = await Scene.open({ types: [type] });
    await scene.startWorker();
    const id = await scene.create(type);
    for (const ms of [2000, 2000, 1000]) {
      await scene.state(type, id, "waiting");
      scene.clock.advance(ms);
      await scene.reaches(
        type,
        id,
        ({ operation }) => operation.state !== "waiting" || operation.dueAt !== scene.clock.now(),
      );
    }
    const { details } = await scene.settled(type, id);
    assert.deepEqual([JSON.parse(details), checks], [{ address: "undefined" }, 4]);
  });

  test("whose check throws fails like a step", async () => {
    const type = machine(
      async ({ until }) => {
        await until("up", () => {
          throw new Error("no route");
        });
        return {};
      },
      { create: { retry: { attempts: 1 } } },
    );
    await using scene = await Scene.open({ types: [type] });
    await scene.startWorker();
    assert.equal((await scene.settled(type, await scene.create(type))).error?.code, "internal");
  });
});
