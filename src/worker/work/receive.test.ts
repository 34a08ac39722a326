import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { Fixture } from "../../../test/worker/fixture.ts";
import { addressOf, codeOf, machine } from "../../../test/worker/machine.ts";

const HOUR_MS = 3_600_000;

suite("receive", () => {
  test("returns the messages of a name in order, each to one call, across restarts", async () => {
    const type = machine(async ({ receive }) => {
      const first = await receive("hint");
      const second = await receive("hint");
      const approval = await receive("approval");
      return { address: [first, second, approval.by].join(",") };
    });
    await using fixture = await Fixture.open({ types: [type] });
    await fixture.startWorker();
    const id = await fixture.create(type);
    await fixture.state(type, id, "waiting");
    await fixture.receive(type, id, "approval", { by: "me" });
    await fixture.receive(type, id, "hint", "one");
    await fixture.receive(type, id, "hint", "two");
    const { details } = await fixture.settled(type, id);
    assert.equal(addressOf({ details }), "one,two,me");
    assert.deepEqual(
      (await fixture.records(type, id)).map(({ step }) => step),
      ["hint", "hint#2", "approval"],
    );
  });

  test("is woken by a message that arrives while the attempt ends", async () => {
    const type = machine(async ({ id, step, receive }) => {
      // The message is stored after the claim, so this attempt does not have it.
      await step("post", () => fixture.receive(type, id, "hint", "early"));
      return { address: await receive("hint") };
    });
    await using fixture = await Fixture.open({ types: [type] });
    await fixture.startWorker();
    const { details, operation } = await fixture.settled(type, await fixture.create(type));
    assert.deepEqual(
      { addressOf: addressOf({ details }), attempt: operation.attempt },
      { addressOf: "early", attempt: 2 },
    );
  });

  test("that timed out leaves a later message to the next call", async () => {
    const type = machine(async ({ receive }) => {
      const first = await receive("hint", { timeoutMs: 1000 });
      const second = await receive("hint");
      return { address: `${first},${second}` };
    });
    await using fixture = await Fixture.open({ types: [type] });
    await fixture.startWorker();
    const id = await fixture.create(type);
    await fixture.state(type, id, "waiting");
    fixture.clock.advance(1000);
    await fixture.recorded(type, id, "hint", "done");
    await fixture.state(type, id, "waiting");
    await fixture.receive(type, id, "hint", "late");
    const { details } = await fixture.settled(type, id);
    assert.equal(addressOf({ details }), "undefined,late");
  });

  test("returns a message that arrived in time although the attempt began after the timeout", async () => {
    const type = machine(async ({ receive }) => ({ address: String(await receive("hint", { timeoutMs: 1000 })) }));
    await using fixture = await Fixture.open({ types: [type] });
    const first = await fixture.startWorker();
    const id = await fixture.create(type);
    await fixture.state(type, id, "waiting");
    await fixture.stop(first, 0);
    await fixture.receive(type, id, "hint", "in time");
    fixture.clock.advance(5000);
    await fixture.startWorker();
    assert.equal(addressOf(await fixture.settled(type, id)), "in time");
  });

  test("returns a message that arrived in time although the running attempt cannot see it", async () => {
    const go = Promise.withResolvers<void>();
    const type = machine(async ({ step, receive }) => {
      const [hint] = await Promise.all([receive("hint", { timeoutMs: 1000 }), step("long", () => go.promise)]);
      return { address: String(hint) };
    });
    await using fixture = await Fixture.open({ types: [type] });
    await fixture.startWorker();
    const id = await fixture.create(type);
    await fixture.recorded(type, id, "hint", "started");
    await fixture.answered();
    fixture.clock.advance(500);
    await fixture.receive(type, id, "hint", "in time");
    fixture.clock.advance(5000);
    go.resolve();
    assert.equal(addressOf(await fixture.settled(type, id)), "in time");
  });

  test("with a very short timeout waits no longer", async () => {
    const type = machine(async ({ receive, until }) => {
      const hint = await receive("hint", { timeoutMs: 20 });
      const up = await until("up", () => false, { timeoutMs: 20 });
      return { address: `${hint},${up}` };
    });
    await using fixture = await Fixture.open({ types: [type] });
    await fixture.startWorker();
    const { details } = await fixture.advanceUntil(
      type,
      await fixture.create(type),
      ({ operation }) => operation.settledAt !== null,
    );
    assert.equal(addressOf({ details }), "undefined,undefined");
  });

  test("waits for several names and a timeout at once", async () => {
    const type = machine(async ({ receive, sleep }) => {
      const won = await Promise.race([
        receive("approval").then(() => "approval"),
        receive("hint").then((hint) => hint),
        sleep("enough", HOUR_MS).then(() => "enough"),
      ]);
      return { address: won };
    });
    await using fixture = await Fixture.open({ types: [type] });
    await fixture.startWorker();
    const [hinted, slept] = [await fixture.create(type), await fixture.create(type)];
    const { operation } = await fixture.state(type, hinted, "waiting");
    assert.deepEqual(
      { awaitedMessages: operation.awaitedMessages.toSorted(), dueAt: operation.dueAt },
      { awaitedMessages: ["approval", "hint"], dueAt: fixture.clock.now() + HOUR_MS },
    );
    await fixture.state(type, slept, "waiting");
    await fixture.receive(type, hinted, "hint", "hinted");
    assert.equal(addressOf(await fixture.settled(type, hinted)), "hinted");
    fixture.clock.advance(HOUR_MS);
    assert.equal(addressOf(await fixture.settled(type, slept)), "enough");
  });

  test("of a message that the type does not declare fails for good", async () => {
    const type = machine(async ({ receive }) => {
      const receiveAny: (name: never) => Promise<unknown> = receive;
      await receiveAny("rumour" as never);
      return {};
    });
    await using fixture = await Fixture.open({ types: [type] });
    await fixture.startWorker();
    assert.equal((await fixture.settled(type, await fixture.create(type))).error?.code, "unknown-message");
  });
});

suite("an attempt that has ended as waiting", () => {
  test("resolves no further call, and logs what to change", async () => {
    const outside = Promise.withResolvers<void>();
    let aborted: unknown;
    let isReceived = false;
    const type = machine(async ({ attempt, signal, step, receive }) => {
      signal.addEventListener("abort", () => void (aborted = codeOf(signal.reason)));
      if (attempt === 1) {
        void outside.promise.then(async () => {
          await step("untracked", () => void (isReceived = true));
          isReceived = true;
        });
      }
      await receive("approval").finally(() => {
        if (attempt === 1) isReceived = true;
      });
      return {};
    });
    await using fixture = await Fixture.open({ types: [type] });
    await fixture.startWorker();
    const id = await fixture.create(type);
    await fixture.state(type, id, "waiting");
    outside.resolve();
    await fixture.ticks();
    assert.deepEqual({ aborted, isReceived }, { aborted: "waiting", isReceived: false });
    assert.ok(
      fixture.logged.some(
        ({ level, message }) => level === "warn" && message.includes("move the awaited code into a step"),
      ),
    );
    await fixture.receive(type, id, "approval", { by: "me" });
    assert.equal((await fixture.settled(type, id)).operation.attempt, 2);
  });
});
