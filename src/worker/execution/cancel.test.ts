import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { Fixture } from "../../../test/worker/fixture.ts";
import { codeOf, machine, whenAborted } from "../../../test/worker/machine.ts";

const CANCEL_REQUESTED = { event: "cancel-requested" } as const;

suite("cancel", () => {
  test("aborts the signal with a typed reason, and work that throws it ends as cancelled", async () => {
    const begun = Promise.withResolvers<void>();
    const codes: string[] = [];
    const type = machine(({ signal }) => {
      begun.resolve();
      return whenAborted(signal, (code) => codes.push(code));
    });
    await using fixture = await Fixture.open({ types: [type] });
    await fixture.startWorker();
    const id = await fixture.create(type);
    await begun.promise;
    await fixture.applyEvent(type, id, CANCEL_REQUESTED);
    const { status, error } = await fixture.settled(type, id);
    assert.deepEqual(
      { codes, status, code: error?.code },
      { codes: ["cancelled"], status: "Cancelled", code: "cancelled" },
    );
  });

  test("rejects the next step of work that ignored it, and undoes the steps before", async () => {
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
    await using fixture = await Fixture.open({ types: [type] });
    await fixture.startWorker();
    const id = await fixture.create(type);
    await begun.promise;
    await fixture.applyEvent(type, id, CANCEL_REQUESTED);
    go.resolve();
    const { status } = await fixture.settled(type, id);
    assert.deepEqual({ ran, status }, { ran: ["a", "b cancelled", "undo a"], status: "Cancelled" });
  });

  test("that work ignores is named in the log after a few seconds, with the steps that run", async () => {
    const begun = Promise.withResolvers<void>();
    const go = Promise.withResolvers<void>();
    const type = machine(async ({ step }) => {
      await step("deaf", async () => {
        begun.resolve();
        await go.promise;
      });
      return {};
    });
    await using fixture = await Fixture.open({ types: [type] });
    await fixture.startWorker();
    const id = await fixture.create(type);
    await begun.promise;
    await fixture.applyEvent(type, id, CANCEL_REQUESTED);
    await fixture.ticks();
    const warnings = (): readonly object[] => fixture.logged.filter(({ level }) => level === "warn");
    fixture.clock.advance(4900);
    assert.deepEqual(warnings(), []);
    fixture.clock.advance(100);
    fixture.clock.advance(10_000);
    assert.partialDeepStrictEqual(warnings(), [
      {
        message:
          "work has ignored its aborted signal for 5 s; pass signal to everything that it awaits, or call signal.throwIfAborted() in loops",
        fields: { type: "machine", id, kind: "create", attempt: 1, reason: "cancelled", running: ["deaf"] },
      },
    ]);
    assert.equal(warnings().length, 1);
    go.resolve();
    await fixture.settled(type, id);
  });

  test("does not win over work that has succeeded", async () => {
    const begun = Promise.withResolvers<void>();
    const go = Promise.withResolvers<void>();
    const type = machine(async () => {
      begun.resolve();
      await go.promise;
      return { address: "made" };
    });
    await using fixture = await Fixture.open({ types: [type] });
    await fixture.startWorker();
    const id = await fixture.create(type);
    await begun.promise;
    await fixture.applyEvent(type, id, CANCEL_REQUESTED);
    go.resolve();
    const { status, error } = await fixture.settled(type, id);
    assert.deepEqual({ status, error }, { status: "Ready", error: null });
  });

  test("arrives with the reply to a record if the notice is lost", async () => {
    const ran: string[] = [];
    const type = machine(async ({ id, step }) => {
      await step("a", () => fixture.applyEvent(type, id, CANCEL_REQUESTED));
      ran.push("a committed");
      await step("b", () => void ran.push("b"));
      return {};
    });
    await using fixture = await Fixture.open({ types: [type] });
    await fixture.startWorker({}, (broker) => ({ ...broker, onNotice: () => () => {} }));
    const id = await fixture.create(type);
    assert.equal((await fixture.settled(type, id)).status, "Cancelled");
    assert.deepEqual(ran, ["a committed"]);
  });

  test("arrives with a heartbeat if the notice is lost", async () => {
    const begun = Promise.withResolvers<void>();
    const type = machine(
      ({ signal }) =>
        new Promise((_resolve, reject) => {
          signal.addEventListener("abort", () => reject(new Error("wrapped", { cause: signal.reason })));
          begun.resolve();
        }),
    );
    await using fixture = await Fixture.open({ types: [type] });
    await fixture.startWorker({}, (broker) => ({ ...broker, onNotice: () => () => {} }));
    const id = await fixture.create(type);
    await begun.promise;
    await fixture.applyEvent(type, id, CANCEL_REQUESTED);
    fixture.clock.advance(6000);
    assert.equal((await fixture.settled(type, id)).status, "Cancelled");
  });

  test("ends waits beside a running step", async () => {
    const go = Promise.withResolvers<void>();
    const codes: unknown[] = [];
    const type = machine(async ({ step, sleep, receive, until }) => {
      const note = (error: unknown): void => void codes.push(codeOf(error));
      // An unawaited call rejected by the abort is not an error of the work.
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
    await using fixture = await Fixture.open({ types: [type] });
    await fixture.startWorker();
    const id = await fixture.create(type);
    await fixture.recorded(type, id, "night", "started");
    await fixture.applyEvent(type, id, CANCEL_REQUESTED);
    await fixture.passing(() => codes.length === 3);
    go.resolve();
    assert.equal((await fixture.settled(type, id)).status, "Cancelled");
    assert.deepEqual(codes, ["cancelled", "cancelled", "cancelled"]);
  });

  test("of work that throws another error because of it still ends as cancelled", async () => {
    const begun = Promise.withResolvers<void>();
    const type = machine(
      ({ signal }) =>
        new Promise((_resolve, reject) => {
          signal.addEventListener("abort", () => reject(new Error("socket closed")));
          begun.resolve();
        }),
    );
    await using fixture = await Fixture.open({ types: [type] });
    await fixture.startWorker();
    const id = await fixture.create(type);
    await begun.promise;
    await fixture.applyEvent(type, id, CANCEL_REQUESTED);
    assert.equal((await fixture.settled(type, id)).error?.code, "cancelled");
  });
});

suite("the limit of an attempt", () => {
  test("aborts the signal and fails the attempt, whatever the work returns", async () => {
    let attempts = 0;
    const type = machine(
      ({ signal }) =>
        new Promise((resolve) => {
          attempts++;
          signal.addEventListener("abort", () => resolve({ address: "in spite of it" }));
        }),
      { create: { timeoutMs: 1000, retry: { attempts: 2 } } },
    );
    await using fixture = await Fixture.open({ types: [type] });
    await fixture.startWorker();
    const id = await fixture.create(type);
    const begun = (count: number) => () => attempts === count;
    for (const attempt of [1, 2]) {
      await fixture.passing(begun(attempt));
      fixture.clock.advance(1000);
      await fixture.reaches(type, id, ({ operation }) => operation.failures === attempt);
      fixture.clock.advance(2000);
    }
    const { error, operation } = await fixture.settled(type, id);
    assert.deepEqual({ code: error?.code, attempt: operation.attempt }, { code: "timed-out", attempt: 2 });
  });

  test("abandons work that ignores it, once its steps have settled", async () => {
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
    await using fixture = await Fixture.open({ types: [type] });
    await fixture.startWorker();
    const id = await fixture.create(type);
    await begun.promise;
    fixture.clock.advance(1000);
    fixture.clock.advance(5000);
    await fixture.ticks();
    assert.equal((await fixture.read(type, id)).operation.state, "running");
    go.resolve();
    const { error } = await fixture.settled(type, id);
    assert.equal(error?.code, "timed-out");
    assert.partialDeepStrictEqual(await fixture.records(type, id), [{ step: "slow", state: "done" }]);
  });

  test("is enforced by the reaper if a step never settles, and the slot is free again", async () => {
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
    await using fixture = await Fixture.open({ types: [type] });
    await fixture.startWorker();
    const id = await fixture.create(type);
    await begun.promise;
    const other = await fixture.create(type);
    await fixture.advanceUntil(type, id, ({ operation }) => operation.settledAt !== null);
    assert.equal((await fixture.read(type, id)).error?.code, "timed-out");
    await fixture.advanceUntil(type, other, ({ operation }) => operation.settledAt !== null);
  });
});
