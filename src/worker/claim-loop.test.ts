import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { z } from "zod";
import { cable } from "../../test/worker/cable.ts";
import { Fixture } from "../../test/worker/fixture.ts";
import { addressOf, machine } from "../../test/worker/machine.ts";
import { watching } from "../../test/worker/watching.ts";
import { defineResource } from "../core/definition/define-resource.ts";
import type { ClaimMessage } from "../core/ports/messages.ts";

suite("a worker's claims", () => {
  test("take on as many as a type allows, and more as slots become free", async () => {
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
    await using fixture = await Fixture.open({ types: [type] });
    await fixture.startWorker();
    const ids = await Promise.all(Array.from({ length: 10 }, () => fixture.create(type)));
    for (let ended = 0; ended < 10; ended++) {
      await fixture.passing(() => ends.length > 0);
      ends.pop()?.();
    }
    await Promise.all(ids.map((id) => fixture.settled(type, id)));
    assert.equal(most, 3);
  });

  test("find a due operation although its wake-up was lost", async () => {
    const type = machine(async () => ({}));
    await using fixture = await Fixture.open({ types: [type] });
    await fixture.startWorker({}, (broker) => ({ ...broker, onWake: () => () => {} }));
    await fixture.ticks();
    const id = await fixture.create(type);
    await fixture.ticks();
    assert.equal((await fixture.read(type, id)).operation.state, "pending");
    fixture.clock.advance(5000);
    await fixture.settled(type, id);
  });

  test("are sent one at a time, and a wake-up during one causes another", async () => {
    const type = machine(async () => ({}));
    await using fixture = await Fixture.open({ types: [type] });
    const attempts = Promise.withResolvers<void>();
    const arrived = Promise.withResolvers<void>();
    let claims = 0;
    // The second operation is accepted while the reply to the first claim is in transit.
    await fixture.startWorker({}, (broker) => ({
      ...broker,
      async request(kind, request, options) {
        const reply = await broker.request(kind, request, options);
        if (kind === "claim" && ++claims === 1) {
          arrived.resolve();
          await attempts.promise;
        }
        return reply;
      },
    }));
    await arrived.promise;
    const id = await fixture.create(type);
    await fixture.ticks();
    assert.equal(claims, 1);
    attempts.resolve();
    await fixture.settled(type, id);
  });

  test("are repeated under the same number until answered, and run nothing twice", async () => {
    let runs = 0;
    const numbers: number[] = [];
    const type = machine(async () => {
      runs++;
      return {};
    });
    await using fixture = await Fixture.open({ types: [type] });
    const id = await fixture.create(type);
    let lost = 0;
    await fixture.startWorker({}, (broker) => ({
      ...broker,
      async request(kind, request, options) {
        const reply = await broker.request(kind, request, options);
        if (kind === "claim") numbers.push((request as ClaimMessage).claim);
        if (kind === "claim" && lost++ < 3) throw new Error("the reply was lost");
        return reply;
      },
    }));
    await fixture.advanceUntil(type, id, ({ operation }) => operation.settledAt !== null);
    assert.deepEqual(numbers.slice(0, 4), [1, 1, 1, 1]);
    assert.equal(runs, 1);
    assert.equal((await fixture.read(type, id)).operation.attempt, 1);
  });

  test("begin after the first reply to a heartbeat", async () => {
    const kinds: string[] = [];
    const line = cable();
    const type = machine(async () => ({}));
    await using fixture = await Fixture.open({ types: [type] });
    line.cut();
    await fixture.startWorker({}, (broker) => watching((kind) => void kinds.push(kind))(line.through(broker)));
    await fixture.ticks();
    assert.deepEqual(kinds, ["beat"]);
    line.repair();
    fixture.clock.advance(1100);
    await fixture.passing(() => kinds.includes("claim"));
    assert.deepEqual(kinds.slice(0, 3), ["beat", "beat", "claim"]);
  });

  test("name the kinds that the worker's app declares and works", async () => {
    const slots: unknown[] = [];
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
    await using fixture = await Fixture.open({ types: [mixed, outside] });
    await fixture.startWorker(
      {},
      watching((kind, request) => {
        if (kind === "claim") slots.push((request as ClaimMessage).slots);
      }),
    );
    await fixture.passing(() => slots.length > 0);
    assert.deepEqual(slots[0], [
      { type: "mixed", kinds: ["update"], free: 5 },
      { type: "mixed", kinds: ["delete"], free: 5 },
    ]);
  });
});

test("completes hundreds of simultaneous operations", async () => {
  const type = machine(async ({ configuration }) => ({ address: configuration.os }), { concurrency: 50 });
  await using fixture = await Fixture.open({ types: [type] });
  await fixture.startWorker();
  const ids = await Promise.all(Array.from({ length: 500 }, (_, index) => fixture.create(type, { os: `os ${index}` })));
  const settled = await Promise.all(ids.map((id) => fixture.settled(type, id)));
  assert.deepEqual(
    settled.map(addressOf),
    ids.map((_, index) => `os ${index}`),
  );
  assert.ok(settled.every(({ operation }) => operation.attempt === 1));
});
