import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { cable } from "../../test/worker/cable.ts";
import { machine } from "../../test/worker/machine.ts";
import { Scene } from "../../test/worker/scene.ts";

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
    scene.clock.advance(HOUR_MS / 2 - 1000);
    await scene.turns();
    assert.equal((await scene.read(type, id)).operation.dueAt, operation.dueAt);
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
    const type = machine(async ({ until }) => {
      const up = await until("up", () => void checks++, { everyMs: 2000, timeoutMs: 5000 });
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

suite("receive", () => {
  test("gives the messages of a name in their order, each to one call, over restarts", async () => {
    const type = machine(async ({ receive }) => {
      const first = await receive("hint");
      const second = await receive("hint");
      const approval = await receive("approval");
      return { address: [first, second, approval.by].join() };
    });
    await using scene = await Scene.open({ types: [type] });
    await scene.startWorker();
    const id = await scene.create(type);
    await scene.state(type, id, "waiting");
    await scene.receive(type, id, "approval", { by: "me" });
    await scene.receive(type, id, "hint", "one");
    await scene.receive(type, id, "hint", "two");
    const { details } = await scene.settled(type, id);
    assert.equal(JSON.parse(details).address, "one,two,me");
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
    assert.deepEqual([JSON.parse(details).address, operation.attempt], ["early", 2]);
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
    assert.equal(JSON.parse(details).address, "undefined,late");
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
    assert.equal(JSON.parse((await scene.settled(type, id)).details).address, "in time");
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
    assert.equal(JSON.parse((await scene.settled(type, id)).details).address, "in time");
  });

  test("with a time of a moment waits no longer", async () => {
    const type = machine(async ({ receive, until }) => {
      const hint = await receive("hint", { timeoutMs: 20 });
      const up = await until("up", () => false, { timeoutMs: 20 });
      return { address: `${hint},${up}` };
    });
    await using scene = await Scene.open({ types: [type] });
    await scene.startWorker();
    const { details } = await scene.advanceUntil(type, await scene.create(type), ({ operation }) => operation.settledAt !== null);
    assert.equal(JSON.parse(details).address, "undefined,undefined");
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
    assert.equal(JSON.parse((await scene.settled(type, hinted)).details).address, "hinted");
    scene.clock.advance(HOUR_MS);
    assert.equal(JSON.parse((await scene.settled(type, slept)).details).address, "enough");
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
      signal.addEventListener("abort", () => void (aborted = signal.reason.code));
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
