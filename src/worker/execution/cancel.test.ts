import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { codeOf, machine, whenAborted } from "../../../test/worker/machine.ts";
import { Scene } from "../../../test/worker/scene.ts";

const ASKED = { event: "cancel-asked" } as const;

suite("cancel", () => {
  test("aborts the signal with a typed reason, and work that throws it ends as cancelled", async () => {
    const begun = Promise.withResolvers<void>();
    const codes: string[] = [];
    const type = machine(({ signal }) => {
      begun.resolve();
      return whenAborted(signal, (code) => codes.push(code));
    });
    await using scene = await Scene.open({ types: [type] });
    await scene.startWorker();
    const id = await scene.create(type);
    await begun.promise;
    await scene.tell(type, id, ASKED);
    const { status, error } = await scene.settled(type, id);
    assert.deepEqual([codes, status, error?.code], [["cancelled"], "Cancelled", "cancelled"]);
  });

  test("refuses the next step of work that swallowed it, and undoes what was done", async () => {
    const ran: string[] = [];
    const begun = Promise.withResolvers<void>();
    const go = Promise.withResolvers<void>();
    const type = machine(async ({ step }) => {
      await step(
        "a",
        async () => {
          begun.resolve();
          await go.promise;
          ran.push("a");
        },
        { undo: () => void ran.push("undo a") },
      );
      await step("b", () => void ran.push("b")).catch((error: unknown) => ran.push(`b ${codeOf(error)}`));
      await step("c", () => void ran.push("c"));
      return {};
    });
    await using scene = await Scene.open({ types: [type] });
    await scene.startWorker();
    const id = await scene.create(type);
    await begun.promise;
    await scene.tell(type, id, ASKED);
    go.resolve();
    const { status } = await scene.settled(type, id);
    assert.deepEqual([ran, status], [["a", "b cancelled", "undo a"], "Cancelled"]);
  });

  test("does not win over work that has succeeded", async () => {
    const begun = Promise.withResolvers<void>();
    const go = Promise.withResolvers<void>();
    const type = machine(async () => {
      begun.resolve();
      await go.promise;
      return { address: "made" };
    });
    await using scene = await Scene.open({ types: [type] });
    await scene.startWorker();
    const id = await scene.create(type);
    await begun.promise;
    await scene.tell(type, id, ASKED);
    go.resolve();
    const { status, error } = await scene.settled(type, id);
    assert.deepEqual([status, error], ["Ready", null]);
  });

  test("is learned from the reply to a record, when the notice is lost", async () => {
    const ran: string[] = [];
    const type = machine(async ({ id, step }) => {
      await step("a", () => scene.tell(type, id, ASKED));
      ran.push("a committed");
      await step("b", () => void ran.push("b"));
      return {};
    });
    await using scene = await Scene.open({ types: [type] });
    await scene.startWorker({}, (broker) => ({ ...broker, onNotice: () => () => {} }));
    const id = await scene.create(type);
    assert.equal((await scene.settled(type, id)).status, "Cancelled");
    assert.deepEqual(ran, ["a committed"]);
  });

  test("is learned from a beat, when the notice is lost", async () => {
    const begun = Promise.withResolvers<void>();
    const type = machine(
      ({ signal }) =>
        new Promise((_resolve, reject) => {
          signal.addEventListener("abort", () => reject(new Error("wrapped", { cause: signal.reason })));
          begun.resolve();
        }),
    );
    await using scene = await Scene.open({ types: [type] });
    await scene.startWorker({}, (broker) => ({ ...broker, onNotice: () => () => {} }));
    const id = await scene.create(type);
    await begun.promise;
    await scene.tell(type, id, ASKED);
    scene.clock.advance(6000);
    assert.equal((await scene.settled(type, id)).status, "Cancelled");
  });

  test("ends waits that are under way beside a step", async () => {
    const go = Promise.withResolvers<void>();
    const codes: unknown[] = [];
    const type = machine(async ({ step, sleep, receive, until }) => {
      const note = (error: unknown): void => void codes.push(codeOf(error));
      // One that nobody awaits is no fault of work.
      void receive("approval");
      await Promise.all([
        step("long", () => go.promise),
        sleep("night", 1e6).catch(note),
        receive("hint").catch(note),
        until("up", () => false).catch(note),
      ]);
      await step("next", () => {});
      return {};
    });
    await using scene = await Scene.open({ types: [type] });
    await scene.startWorker();
    const id = await scene.create(type);
    await scene.recorded(type, id, "night", "started");
    await scene.tell(type, id, ASKED);
    await scene.passing(() => codes.length === 3);
    go.resolve();
    assert.equal((await scene.settled(type, id)).status, "Cancelled");
    assert.deepEqual(codes, ["cancelled", "cancelled", "cancelled"]);
  });

  test("of work that fails in its own way because of it is a cancel all the same", async () => {
    const begun = Promise.withResolvers<void>();
    const type = machine(
      ({ signal }) =>
        new Promise((_resolve, reject) => {
          signal.addEventListener("abort", () => reject(new Error("socket closed")));
          begun.resolve();
        }),
    );
    await using scene = await Scene.open({ types: [type] });
    await scene.startWorker();
    const id = await scene.create(type);
    await begun.promise;
    await scene.tell(type, id, ASKED);
    assert.equal((await scene.settled(type, id)).error?.code, "cancelled");
  });
});

suite("the limit of an attempt", () => {
  test("aborts the signal and fails the attempt, whatever work makes of it", async () => {
    let attempts = 0;
    const type = machine(
      ({ signal }) =>
        new Promise((resolve) => {
          attempts++;
          signal.addEventListener("abort", () => resolve({ address: "in spite of it" }));
        }),
      { create: { timeoutMs: 1000, retry: { attempts: 2 } } },
    );
    await using scene = await Scene.open({ types: [type] });
    await scene.startWorker();
    const id = await scene.create(type);
    const begun = (count: number) => () => attempts === count;
    for (const attempt of [1, 2]) {
      await scene.passing(begun(attempt));
      scene.clock.advance(1000);
      await scene.reaches(type, id, ({ operation }) => operation.failures === attempt);
      scene.clock.advance(2000);
    }
    const { error, operation } = await scene.settled(type, id);
    assert.deepEqual([error?.code, operation.attempt], ["timed-out", 2]);
  });

  test("gives up work that does not react, once its steps have settled", async () => {
    const begun = Promise.withResolvers<void>();
    const go = Promise.withResolvers<void>();
    const type = machine(
      async ({ step }) => {
        await step("slow", async () => {
          begun.resolve();
          await go.promise;
        });
        await new Promise(() => {});
        return {};
      },
      { create: { timeoutMs: 1000, retry: { attempts: 1 } } },
    );
    await using scene = await Scene.open({ types: [type] });
    await scene.startWorker();
    const id = await scene.create(type);
    await begun.promise;
    scene.clock.advance(1000);
    scene.clock.advance(5000);
    await scene.turns();
    assert.equal((await scene.read(type, id)).operation.state, "running");
    go.resolve();
    const { error } = await scene.settled(type, id);
    assert.equal(error?.code, "timed-out");
    assert.partialDeepStrictEqual(await scene.records(type, id), [{ step: "slow", state: "done" }]);
  });

  test("is kept by the reaper where a step never settles, and the place is free again", async () => {
    const type = machine(
      async ({ id, step }) => {
        if (id === "r2") return {};
        await step("hang", () => {
          begun.resolve();
          return new Promise(() => {});
        });
        return {};
      },
      { concurrency: 1, create: { timeoutMs: 1000, retry: { attempts: 1 } } },
    );
    const begun = Promise.withResolvers<void>();
    await using scene = await Scene.open({ types: [type] });
    await scene.startWorker();
    const id = await scene.create(type);
    await begun.promise;
    const other = await scene.create(type);
    await scene.advanceUntil(type, id, ({ operation }) => operation.settledAt !== null);
    assert.equal((await scene.read(type, id)).error?.code, "timed-out");
    await scene.advanceUntil(type, other, ({ operation }) => operation.settledAt !== null);
  });
});
