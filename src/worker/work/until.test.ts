import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { Fixture } from "../../../test/worker/fixture.ts";
import { machine } from "../../../test/worker/machine.ts";

suite("until", () => {
  test("checks in each attempt until the check passes, and records the result", async () => {
    const answers: ({ ready: string } | false | null | undefined)[] = [undefined, null, false, { ready: "yes" }];
    let checks = 0;
    const type = machine(async ({ until, receive }) => {
      const up = await until("up", () => answers[checks++], { everyMs: 2000 });
      await receive("approval");
      return { address: up.ready };
    });
    await using fixture = await Fixture.open({ types: [type] });
    await fixture.startWorker();
    const id = await fixture.create(type);
    for (const check of [1, 2, 3]) {
      const { operation } = await fixture.reaches(
        type,
        id,
        (now) => now.operation.state === "waiting" && now.operation.attempt === check,
      );
      assert.equal(operation.dueAt, fixture.clock.now() + 2000);
      await fixture.answered();
      fixture.clock.advance(2000);
    }
    await fixture.recorded(type, id, "up", "done");
    await fixture.state(type, id, "waiting");
    await fixture.receive(type, id, "approval", { by: "me" });
    const { details } = await fixture.settled(type, id);
    assert.deepEqual({ details: JSON.parse(details) as unknown, checks }, { details: { address: "yes" }, checks: 4 });
  });

  test("returns undefined after its timeout, counted from its first call", async () => {
    let checks = 0;
    const isDown = (_check: number): unknown => undefined;
    const type = machine(async ({ until }) => {
      const up = await until("up", () => isDown(++checks), { everyMs: 2000, timeoutMs: 5000 });
      return { address: String(up) };
    });
    await using fixture = await Fixture.open({ types: [type] });
    await fixture.startWorker();
    const id = await fixture.create(type);
    for (const ms of [2000, 2000, 1000]) {
      await fixture.state(type, id, "waiting");
      await fixture.answered();
      fixture.clock.advance(ms);
      await fixture.reaches(
        type,
        id,
        ({ operation }) => operation.state !== "waiting" || operation.dueAt !== fixture.clock.now(),
      );
    }
    const { details } = await fixture.settled(type, id);
    assert.deepEqual(
      { details: JSON.parse(details) as unknown, checks },
      { details: { address: "undefined" }, checks: 4 },
    );
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
    await using fixture = await Fixture.open({ types: [type] });
    await fixture.startWorker();
    assert.equal((await fixture.settled(type, await fixture.create(type))).error?.code, "internal");
  });
});
