import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { z } from "zod";
import { cable } from "../../test/worker/cable.ts";
import { machine } from "../../test/worker/machine.ts";
import { Scene } from "../../test/worker/scene.ts";
import type { Broker } from "../core/broker.ts";
import { defineResource } from "../core/define-resource.ts";
import type { ClaimMessage, WorkerRequestKind } from "../core/messages.ts";

/** Shows the test every request on its way to a server. */
function watching(
  onRequest: (kind: WorkerRequestKind, request: object) => Promise<void> | void,
): (broker: Broker) => Broker {
  return (broker) => ({
    ...broker,
    async request(kind, request, options) {
      await onRequest(kind, request);
      return broker.request(kind, request, options);
    },
  });
}

suite("a worker's claims", () => {
  test("take on as many as a type allows, and more as places become free", async () => {
    let running = 0;
    let most = 0;
    const ends: (() => void)[] = [];
    const type = machine(
      async () => {
        most = Math.max(most, ++running);
        await new Promise<void>((resolve) => ends.push(resolve));
        running--;
        return {};
      },
      { concurrency: 3 },
    );
    await using scene = await Scene.open({ types: [type] });
    await scene.startWorker();
    const ids = await Promise.all(Array.from({ length: 10 }, () => scene.create(type)));
    for (let ended = 0; ended < 10; ended++) {
      await scene.passing(() => ends.length > 0);
      ends.pop()?.();
    }
    await Promise.all(ids.map((id) => scene.settled(type, id)));
    assert.equal(most, 3);
  });

  test("find what is due though the wake-up was lost", async () => {
    const type = machine(async () => ({}));
    await using scene = await Scene.open({ types: [type] });
    await scene.startWorker({}, (broker) => ({ ...broker, onWake: () => () => {} }));
    await scene.turns();
    const id = await scene.create(type);
    await scene.turns();
    assert.equal((await scene.read(type, id)).operation.state, "pending");
    scene.clock.advance(5000);
    await scene.settled(type, id);
  });

  test("do not lose a wake-up that comes while one is under way, and are one at a time", async () => {
    const type = machine(async () => ({}));
    await using scene = await Scene.open({ types: [type] });
    const held = Promise.withResolvers<void>();
    const arrived = Promise.withResolvers<void>();
    let claims = 0;
    // The answer of the first claim is on its way when the second operation is accepted.
    await scene.startWorker({}, (broker) => ({
      ...broker,
      async request(kind, request, options) {
        const reply = await broker.request(kind, request, options);
        if (kind === "claim" && ++claims === 1) {
          arrived.resolve();
          await held.promise;
        }
        return reply;
      },
    }));
    await arrived.promise;
    const id = await scene.create(type);
    await scene.turns();
    assert.equal(claims, 1);
    held.resolve();
    await scene.settled(type, id);
  });

  test("are repeated under the same number until answered, and then nothing runs twice", async () => {
    let runs = 0;
    const numbers: number[] = [];
    const type = machine(async () => {
      runs++;
      return {};
    });
    await using scene = await Scene.open({ types: [type] });
    const id = await scene.create(type);
    let lost = 0;
    await scene.startWorker({}, (broker) => ({
      ...broker,
      async request(kind, request, options) {
        const reply = await broker.request(kind, request, options);
        if (kind === "claim") numbers.push((request as ClaimMessage).claim);
        if (kind === "claim" && lost++ < 3) throw new Error("the reply was lost");
        return reply;
      },
    }));
    await scene.advanceUntil(type, id, ({ operation }) => operation.settledAt !== null);
    assert.deepEqual(numbers.slice(0, 4), [1, 1, 1, 1]);
    assert.equal(runs, 1);
    assert.equal((await scene.read(type, id)).operation.attempt, 1);
  });

  test("begin once a server has heard that the worker lives", async () => {
    const kinds: string[] = [];
    const line = cable();
    const type = machine(async () => ({}));
    await using scene = await Scene.open({ types: [type] });
    line.cut();
    await scene.startWorker({}, (broker) => watching((kind) => void kinds.push(kind))(line.through(broker)));
    await scene.turns();
    assert.deepEqual(kinds, ["beat"]);
    line.mend();
    scene.clock.advance(1100);
    await scene.passing(() => kinds.includes("claim"));
    assert.deepEqual(kinds.slice(0, 3), ["beat", "beat", "claim"]);
  });

  test("name the kinds that the worker's app declares and works", async () => {
    const places: unknown[] = [];
    const schemas = { configuration: z.object({}), details: z.object({}), statuses: { ready: "Ready" } } as const;
    const mixed = defineResource({
      ...schemas,
      name: "mixed",
      create: { status: "A", external: true },
      update: { status: "B", work: async () => ({}) },
      delete: { status: "C", work: async () => {}, isolation: "process" },
      concurrency: 10,
    });
    const outside = defineResource({ ...schemas, name: "outside", create: { status: "A", external: true } });
    await using scene = await Scene.open({ types: [mixed, outside] });
    await scene.startWorker(
      {},
      watching((kind, request) => {
        if (kind === "claim") places.push((request as ClaimMessage).places);
      }),
    );
    await scene.passing(() => places.length > 0);
    assert.deepEqual(places[0], [
      { type: "mixed", kinds: ["update"], free: 5 },
      { type: "mixed", kinds: ["delete"], free: 5 },
    ]);
  });
});

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
      signal.addEventListener("abort", () => codes.push([attempt, signal.reason.code]));
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
    assert.equal(JSON.parse((await scene.read(type, id)).details).address, "2");
  });
});

suite("a worker's stop", () => {
  test("lets attempts finish within the grace, and claims no more", async () => {
    const go = Promise.withResolvers<void>();
    const begun = Promise.withResolvers<void>();
    const type = machine(async () => {
      begun.resolve();
      await go.promise;
      return { address: "finished" };
    });
    await using scene = await Scene.open({ types: [type] });
    const worker = await scene.startWorker();
    const id = await scene.create(type);
    await begun.promise;
    const stopped = worker.stop();
    const other = await scene.create(type);
    await scene.turns();
    go.resolve();
    await stopped;
    assert.equal(JSON.parse((await scene.settled(type, id)).details).address, "finished");
    assert.equal((await scene.read(type, other)).operation.state, "pending");
  });

  test("hands the rest back after their steps have settled, and another worker goes on", async () => {
    const begun = Promise.withResolvers<void>();
    const ran: unknown[] = [];
    let code: unknown;
    const type = machine(async ({ attempt, step }) => {
      await step("a", () => void ran.push(["a", attempt]));
      try {
        await step("b", async ({ signal }) => {
          ran.push(["b", attempt]);
          if (attempt > 1) return;
          begun.resolve();
          await new Promise((_, reject) => {
            signal.addEventListener("abort", () => {
              code = signal.reason.code;
              reject(signal.reason);
            });
          });
        });
      } catch (error) {
        // A step that a stop has ended did not fail: work must not go another way because of a deploy.
        ran.push(error);
      }
      return { address: `attempt ${attempt}` };
    });
    await using scene = await Scene.open({ types: [type] });
    const worker = await scene.startWorker();
    const id = await scene.create(type);
    await begun.promise;
    await scene.stop(worker, 10_000);
    const { operation } = await scene.state(type, id, "pending");
    assert.deepEqual([operation.failures, operation.losses, code], [0, 0, "handed-back"]);
    await scene.startWorker();
    const { details } = await scene.settled(type, id);
    assert.deepEqual(
      [JSON.parse(details).address, ran],
      [
        "attempt 2",
        [
          ["a", 1],
          ["b", 1],
          ["b", 2],
        ],
      ],
    );
  });

  test("does not wait for ever for a step that does not react, and says so", async () => {
    const begun = Promise.withResolvers<void>();
    const type = machine(async ({ step }) => {
      await step("hang", () => {
        begun.resolve();
        return new Promise(() => {});
      });
      return {};
    });
    await using scene = await Scene.open({ types: [type] });
    const worker = await scene.startWorker();
    const id = await scene.create(type);
    await begun.promise;
    await scene.stop(worker, 1000);
    assert.equal((await scene.read(type, id)).operation.state, "running");
    assert.ok(scene.logged.some(({ message }) => message.includes("without having handed everything back")));
  });

  test("hands back what a claim under way still brings", async () => {
    const type = machine(async () => ({}));
    await using scene = await Scene.open({ types: [type] });
    const id = await scene.create(type);
    const arrived = Promise.withResolvers<void>();
    const held = Promise.withResolvers<void>();
    const worker = await scene.startWorker(
      {},
      watching(async (kind) => {
        if (kind !== "claim") return;
        arrived.resolve();
        await held.promise;
      }),
    );
    await arrived.promise;
    const stopped = worker.stop();
    held.resolve();
    await stopped;
    const { operation } = await scene.read(type, id);
    assert.deepEqual([operation.state, operation.attempt, operation.worker], ["pending", 1, null]);
  });

  test("leaves no timer", async () => {
    const type = machine(async ({ id, step, report, sleep }) => {
      report({ progress: 0.5 });
      if (id === "r1") await sleep("rest", 1e6);
      await step(
        "hang",
        ({ signal }) => new Promise((_, reject) => signal.addEventListener("abort", () => reject(signal.reason))),
        { timeoutMs: 1e5 },
      );
      return {};
    });
    await using scene = await Scene.open({ types: [type] });
    await scene.turns();
    const before = scene.clock.size;
    const worker = await scene.startWorker();
    const id = await scene.create(type);
    await scene.create(type);
    await scene.state(type, id, "waiting");
    await scene.stop(worker, 0);
    assert.equal(scene.clock.size, before);
  });
});

test("completes hundreds of operations that come at once", async () => {
  const type = machine(async ({ configuration }) => ({ address: configuration.os }), { concurrency: 50 });
  await using scene = await Scene.open({ types: [type] });
  await scene.startWorker();
  const ids = await Promise.all(Array.from({ length: 500 }, (_, index) => scene.create(type, { os: `os ${index}` })));
  const settled = await Promise.all(ids.map((id) => scene.settled(type, id)));
  assert.deepEqual(
    settled.map(({ details }) => JSON.parse(details).address),
    ids.map((_, index) => `os ${index}`),
  );
  assert.ok(settled.every(({ operation }) => operation.attempt === 1));
});
