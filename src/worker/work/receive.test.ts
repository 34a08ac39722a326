import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { addressOf, codeOf, machine } from "../../../test/worker/machine.ts";
import { Scene } from "../../../test/worker/scene.ts";

const HOUR_MS = 3_600_000;

suite("receive", () => {
  test("gives the messages of a name in their order, each to one call, over restarts", async () => {
    const type = machine(async ({ receive }) => {
      const first = await receive("hint");
      const second = await receive("hint");
      const approval = await receive("approval");
      return { address: [first, second, approval.by].join(",") };
    });
    await using scene = await Scene.open({ types: [type] });
    await scene.startWorker();
    const id = await scene.create(type);
    await scene.state(type, id, "waiting");
    await scene.receive(type, id, "approval", { by: "me" });
    await scene.receive(type, id, "hint", "one");
    await scene.receive(type, id, "hint", "two");
    const { details } = await scene.settled(type, id);
    assert.equal(addressOf({ details }), "one,two,me");
    assert.deepEqual(
      (await scene.records(type, id)).map(({ step }) => step),
      ["hint", "hint#2", "approval"],
    );
  });

  test("is woken by a message that comes while the attempt ends to wait for it", async () => {
    const type = machine(async ({ id, step, receive }) => {
      // The message is stored after the claim, so this attempt does not have it.
      await step("post", () => scene.receive(type, id, "hint", "early"));
      return { address: await receive("hint") };
    });
    await using scene = await Scene.open({ types: [type] });
    await scene.startWorker();
    const { details, operation } = await scene.settled(type, await scene.create(type));
    assert.deepEqual([addressOf({ details }), operation.attempt], ["early", 2]);
  });

  test("that waited in vain leaves a later message to the next call", async () => {
    const type = machine(async ({ receive }) => {
      const first = await receive("hint", { timeoutMs: 1000 });
      const second = await receive("hint");
      return { address: `${first},${second}` };
    });
    await using scene = await Scene.open({ types: [type] });
    await scene.startWorker();
    const id = await scene.create(type);
    await scene.state(type, id, "waiting");
    scene.clock.advance(1000);
    await scene.recorded(type, id, "hint", "done");
    await scene.state(type, id, "waiting");
    await scene.receive(type, id, "hint", "late");
    const { details } = await scene.settled(type, id);
    assert.equal(addressOf({ details }), "undefined,late");
  });

  test("takes a message that came in time though the attempt began after its time", async () => {
    const type = machine(async ({ receive }) => ({ address: String(await receive("hint", { timeoutMs: 1000 })) }));
    await using scene = await Scene.open({ types: [type] });
    const first = await scene.startWorker();
    const id = await scene.create(type);
    await scene.state(type, id, "waiting");
    await scene.stop(first, 0);
    await scene.receive(type, id, "hint", "in time");
    scene.clock.advance(5000);
    await scene.startWorker();
    assert.equal(addressOf(await scene.settled(type, id)), "in time");
  });

  test("takes a message that came in time though the attempt that waits for it cannot see it yet", async () => {
    const go = Promise.withResolvers<void>();
    const type = machine(async ({ step, receive }) => {
      const [hint] = await Promise.all([receive("hint", { timeoutMs: 1000 }), step("long", () => go.promise)]);
      return { address: String(hint) };
    });
    await using scene = await Scene.open({ types: [type] });
    await scene.startWorker();
    const id = await scene.create(type);
    await scene.recorded(type, id, "hint", "started");
    await scene.turns();
    scene.clock.advance(500);
    await scene.receive(type, id, "hint", "in time");
    scene.clock.advance(5000);
    go.resolve();
    assert.equal(addressOf(await scene.settled(type, id)), "in time");
  });

  test("with a time of a moment waits no longer", async () => {
    const type = machine(async ({ receive, until }) => {
      const hint = await receive("hint", { timeoutMs: 20 });
      const up = await until("up", () => false, { timeoutMs: 20 });
      return { address: `${hint},${up}` };
    });
    await using scene = await Scene.open({ types: [type] });
    await scene.startWorker();
    const { details } = await scene.advanceUntil(
      type,
      await scene.create(type),
      ({ operation }) => operation.settledAt !== null,
    );
    assert.equal(addressOf({ details }), "undefined,undefined");
  });

  test("waits for several names and an instant at once", async () => {
    const type = machine(async ({ receive, sleep }) => {
      const won = await Promise.race([
        receive("approval").then(() => "approval"),
        receive("hint").then((hint) => hint),
        sleep("enough", HOUR_MS).then(() => "enough"),
      ]);
      return { address: won };
    });
    await using scene = await Scene.open({ types: [type] });
    await scene.startWorker();
    const [hinted, slept] = [await scene.create(type), await scene.create(type)];
    const { operation } = await scene.state(type, hinted, "waiting");
    assert.deepEqual(
      [operation.awaiting.toSorted(), operation.dueAt],
      [["approval", "hint"], scene.clock.now() + HOUR_MS],
    );
    await scene.state(type, slept, "waiting");
    await scene.receive(type, hinted, "hint", "hinted");
    assert.equal(addressOf(await scene.settled(type, hinted)), "hinted");
    scene.clock.advance(HOUR_MS);
    assert.equal(addressOf(await scene.settled(type, slept)), "enough");
  });

  test("of a message that the type does not declare fails for good", async () => {
    const type = machine(async ({ receive }) => {
      const receiveAny: (name: never) => Promise<unknown> = receive;
      await receiveAny("rumour" as never);
      return {};
    });
    await using scene = await Scene.open({ types: [type] });
    await scene.startWorker();
    assert.equal((await scene.settled(type, await scene.create(type))).error?.code, "unknown-message");
  });
});

suite("an attempt that has ended to wait", () => {
  test("answers no call any more, and says in the log what to mend", async () => {
    const outside = Promise.withResolvers<void>();
    let aborted: unknown;
    let isAnswered = false;
    const type = machine(async ({ attempt, signal, step, receive }) => {
      signal.addEventListener("abort", () => void (aborted = codeOf(signal.reason)));
      if (attempt === 1) {
        void outside.promise.then(async () => {
          await step("untracked", () => void (isAnswered = true));
          isAnswered = true;
        });
      }
      await receive("approval").finally(() => {
        if (attempt === 1) isAnswered = true;
      });
      return {};
    });
    await using scene = await Scene.open({ types: [type] });
    await scene.startWorker();
    const id = await scene.create(type);
    await scene.state(type, id, "waiting");
    outside.resolve();
    await scene.turns();
    assert.deepEqual([aborted, isAnswered], ["waiting", false]);
    assert.ok(
      scene.logged.some(({ level, message }) => level === "warn" && message.includes("put what it awaits into a step")),
    );
    await scene.receive(type, id, "approval", { by: "me" });
    assert.equal((await scene.settled(type, id)).operation.attempt, 2);
  });
});
