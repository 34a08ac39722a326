import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { cable } from "../../test/worker/cable.ts";
import { addressOf, codeOf, machine } from "../../test/worker/machine.ts";
import { Scene } from "../../test/worker/scene.ts";

suite("a worker cut off from its servers", () => {
  test("goes on, keeps what it has to say, and says it when they are back", async () => {
    const line = cable();
    const go = Promise.withResolvers<void>();
    const begun = Promise.withResolvers<void>();
    let runs = 0;
    const type = machine(async ({ step }) => {
      await step("a", async () => {
        runs++;
        begun.resolve();
        await go.promise;
      });
      return { address: "kept" };
    });
    await using scene = await Scene.open({ types: [type] });
    await scene.startWorker({}, line.through);
    const id = await scene.create(type);
    await begun.promise;
    line.cut();
    go.resolve();
    for (let second = 0; second < 10; second++) {
      scene.clock.advance(1000);
      await scene.turns(5);
    }
    line.mend();
    const { details, operation } = await scene.advanceUntil(
      type,
      id,
      (resource) => resource.operation.settledAt !== null,
    );
    assert.deepEqual([JSON.parse(details), operation.attempt, runs], [{ address: "kept" }, 1, 1]);
  });

  test("for longer than its lease, then back: what it says is dropped, and its work is told", async () => {
    const line = cable();
    const begun = Promise.withResolvers<void>();
    const go = Promise.withResolvers<void>();
    const codes: unknown[] = [];
    const committed: string[] = [];
    const type = machine(async ({ attempt, signal, step }) => {
      signal.addEventListener("abort", () => codes.push([attempt, codeOf(signal.reason)]));
      await step("a", async () => {
        if (attempt > 1) return;
        begun.resolve();
        await go.promise;
      });
      committed.push(`a of ${attempt}`);
      return { address: String(attempt) };
    });
    await using scene = await Scene.open({ types: [type] });
    await scene.startWorker({}, line.through);
    const id = await scene.create(type);
    await begun.promise;
    line.cut();
    await scene.lose(type, id);
    await scene.startWorker();
    await scene.settled(type, id);
    line.mend();
    scene.clock.advance(6000);
    await scene.passing(() => codes.length > 0);
    go.resolve();
    await scene.turns();
    assert.deepEqual([codes, committed], [[[1, "attempt-over"]], ["a of 2"]]);
    assert.equal(addressOf(await scene.read(type, id)), "2");
  });
});
