import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { cable } from "../../test/worker/cable.ts";
import { Fixture } from "../../test/worker/fixture.ts";
import { addressOf, codeOf, machine } from "../../test/worker/machine.ts";

suite("a worker cut off from its servers", () => {
  test("continues, and reports its results once they are back", async () => {
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
    await using fixture = await Fixture.open({ types: [type] });
    await fixture.startWorker({}, line.through);
    const id = await fixture.create(type);
    await begun.promise;
    line.cut();
    go.resolve();
    for (let second = 0; second < 10; second++) {
      fixture.clock.advance(1000);
      await fixture.ticks(5);
    }
    line.repair();
    const { details, operation } = await fixture.advanceUntil(
      type,
      id,
      (resource) => resource.operation.settledAt !== null,
    );
    assert.deepEqual(
      { details: JSON.parse(details) as unknown, attempt: operation.attempt, runs },
      { details: { address: "kept" }, attempt: 1, runs: 1 },
    );
  });

  test("for longer than its lease: its messages are dropped, and its work is aborted", async () => {
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
    await using fixture = await Fixture.open({ types: [type] });
    await fixture.startWorker({}, line.through);
    const id = await fixture.create(type);
    await begun.promise;
    line.cut();
    await fixture.lose(type, id);
    await fixture.startWorker();
    await fixture.settled(type, id);
    line.repair();
    fixture.clock.advance(6000);
    await fixture.passing(() => codes.length > 0);
    go.resolve();
    await fixture.ticks();
    assert.deepEqual({ codes, committed }, { codes: [[1, "attempt-ended"]], committed: ["a of 2"] });
    assert.equal(addressOf(await fixture.read(type, id)), "2");
  });
});
