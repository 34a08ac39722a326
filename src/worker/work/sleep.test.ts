import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { cable } from "../../../test/worker/cable.ts";
import { Fixture } from "../../../test/worker/fixture.ts";
import { machine } from "../../../test/worker/machine.ts";

const HOUR_MS = 3_600_000;

suite("sleep", () => {
  test("occupies no worker, and ends at the time fixed by its first call", async () => {
    let runs = 0;
    const type = machine(
      async ({ sleep, step }) => {
        await sleep("rest", HOUR_MS);
        await step("after", () => void runs++);
        return {};
      },
      { concurrency: 1 },
    );
    await using fixture = await Fixture.open({ types: [type] });
    await fixture.startWorker();
    const id = await fixture.create(type);
    const { operation } = await fixture.state(type, id, "waiting");
    assert.equal(operation.dueAt, fixture.clock.now() + HOUR_MS);
    assert.equal(operation.worker, null);
    // Its only slot is free for another operation.
    const other = await fixture.create(type);
    await fixture.state(type, other, "waiting");
    fixture.clock.advance(HOUR_MS);
    const settled = await fixture.settled(type, id);
    await fixture.settled(type, other);
    assert.deepEqual(
      { runs, attempt: settled.operation.attempt, failures: settled.operation.failures },
      { runs: 2, attempt: 2, failures: 0 },
    );
  });

  test("continues after a lost worker, independent of that worker's clock", async () => {
    const line = cable();
    const type = machine(async ({ sleep }) => {
      await sleep("rest", HOUR_MS);
      return {};
    });
    await using fixture = await Fixture.open({ types: [type] });
    const first = await fixture.startWorker({}, line.through);
    const id = await fixture.create(type);
    const { operation } = await fixture.state(type, id, "waiting");
    line.cut();
    await fixture.stop(first, 0);
    fixture.clock.advance(HOUR_MS / 2);
    const astray = {
      now: () => fixture.clock.now() + 10 * HOUR_MS,
      monotonic: () => fixture.clock.monotonic() + 77,
      random: () => 0.5,
      after: fixture.clock.after.bind(fixture.clock),
    };
    await fixture.startWorker({ clock: astray });
    // After an early wake-up it waits for the rest only.
    await fixture.receive(type, id, "hint", "wake");
    // The stop of the first worker took an unknown time.
    fixture.clock.advance((operation.dueAt ?? 0) - fixture.clock.now() - 1000);
    await fixture.ticks();
    const again = await fixture.state(type, id, "waiting");
    assert.equal(again.operation.dueAt, operation.dueAt);
    fixture.clock.advance(1000);
    await fixture.settled(type, id);
  });

  test("of a moment stays within the attempt", async () => {
    const type = machine(async ({ sleep }) => {
      await sleep("moment", 40);
      return {};
    });
    await using fixture = await Fixture.open({ types: [type] });
    await fixture.startWorker();
    const id = await fixture.create(type);
    await fixture.state(type, id, "running");
    await fixture.answered();
    fixture.clock.advance(40);
    const { operation } = await fixture.settled(type, id);
    assert.equal(operation.attempt, 1);
    assert.partialDeepStrictEqual(await fixture.records(type, id), [{ step: "moment", state: "done" }]);
  });

  test("beside a running step lets the step finish, and ends within the attempt", async () => {
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
    await using fixture = await Fixture.open({ types: [type] });
    await fixture.startWorker();
    const id = await fixture.create(type);
    await fixture.recorded(type, id, "night", "started");
    await fixture.answered();
    fixture.clock.advance(1000);
    await fixture.recorded(type, id, "rest", "done");
    long.resolve();
    const { operation } = await fixture.state(type, id, "waiting");
    assert.deepEqual(order, ["rest", "long"]);
    assert.equal(operation.dueAt, fixture.clock.now() + HOUR_MS - 1000);
    fixture.clock.advance(HOUR_MS);
    assert.equal((await fixture.settled(type, id)).operation.attempt, 2);
    assert.deepEqual(order, ["rest", "long", "rest", "long", "night"]);
  });

  for (const ms of [-1, Number.NaN, Infinity]) {
    test(`fails for good for ${ms} ms`, async () => {
      const type = machine(async ({ sleep }) => {
        await sleep("odd", ms);
        return {};
      });
      await using fixture = await Fixture.open({ types: [type] });
      await fixture.startWorker();
      assert.equal((await fixture.settled(type, await fixture.create(type))).error?.code, "invalid-duration");
    });
  }
});
