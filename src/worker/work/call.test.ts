import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { z } from "zod";
import { Fixture } from "../../../test/worker/fixture.ts";
import { addressOf, codeOf, machine } from "../../../test/worker/machine.ts";
import { defineResource } from "../../core/definition/define-resource.ts";
import { PermanentError } from "../../core/errors.ts";

const full = async (): Promise<never> => {
  throw new PermanentError("The disk is full.", { code: "disk-full" });
};

suite("a rejected call", () => {
  test("reaches the code that awaits it after a wait, in a later attempt", async () => {
    const type = machine(async ({ step, sleep }) => {
      const disk = step("disk", full);
      await sleep("an hour", 3_600_000);
      try {
        await disk;
      } catch (error) {
        return { address: codeOf(error) };
      }
      return {};
    });
    await using fixture = await Fixture.open({ types: [type] });
    await fixture.startWorker();
    const id = await fixture.create(type);
    await fixture.state(type, id, "waiting");
    fixture.clock.advance(3_600_000);
    const settled = await fixture.settled(type, id);
    assert.deepEqual([addressOf(settled), settled.operation.attempt], ["disk-full", 2]);
  });

  test("that is never awaited fails the operation once nothing can resume the work", async () => {
    const type = defineResource({
      name: "host",
      configuration: z.object({}),
      details: z.object({}),
      statuses: { ready: "Ready" },
      observe: async () => undefined,
      create: {
        status: "Provisioning",
        work: async ({ step, observed }) => {
          void step("disk", full);
          return observed();
        },
      },
    });
    await using fixture = await Fixture.open({ types: [type] });
    await fixture.startWorker();
    const { error } = await fixture.settled(type, await fixture.create(type));
    assert.partialDeepStrictEqual(error, {
      code: "disk-full",
      detail: '"disk" failed, and the work never awaited it: The disk is full.',
    });
  });

  test("is a promise, as are those derived from it", async () => {
    const type = machine(async ({ step }) => {
      const call = step("disk", full);
      const derived = [call, call.catch(() => 1), call.then(() => 2), call.finally(() => {})];
      const outcomes = await Promise.allSettled(derived);
      const isPromise = derived.every((each) => each instanceof Promise);
      return { address: `${isPromise} ${outcomes.map(({ status }) => status).join(",")}` };
    });
    await using fixture = await Fixture.open({ types: [type] });
    await fixture.startWorker();
    const settled = await fixture.settled(type, await fixture.create(type));
    assert.equal(addressOf(settled), "true rejected,fulfilled,rejected,rejected");
  });

  test("by an abort is no error of the work", async () => {
    const type = machine(async ({ step, signal }) => {
      void step("disk", async ({ signal: stepSignal }) => {
        await new Promise((_resolve, reject) =>
          stepSignal.addEventListener("abort", () => reject(new Error("closed"))),
        );
      });
      await new Promise((resolve) => signal.addEventListener("abort", resolve));
      throw signal.reason;
    });
    await using fixture = await Fixture.open({ types: [type] });
    await fixture.startWorker();
    const id = await fixture.create(type);
    await fixture.state(type, id, "running");
    await fixture.ticks();
    await fixture.applyEvent(type, id, { event: "cancel-requested" });
    assert.equal((await fixture.settled(type, id)).operation.state, "cancelled");
  });
});
