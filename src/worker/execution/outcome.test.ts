import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { inspect } from "node:util";
import { z } from "zod";
import { Fixture } from "../../../test/worker/fixture.ts";
import { machine, type MachineWork } from "../../../test/worker/machine.ts";
import { defineResource } from "../../core/definition/define-resource.ts";
import type { ResourceType } from "../../core/definition/resource-type.ts";
import { PermanentError, WorkError } from "../../core/errors.ts";
import type { OperationError } from "../../core/operation.ts";
import { settle } from "../../core/settle.ts";
import { attributeFault } from "../attempt/scope.ts";

const once = { create: { retry: { attempts: 1 } } };

async function errorOf(type: ResourceType): Promise<{ error: OperationError | null; fixture: Fixture }> {
  await using fixture = await Fixture.open({ types: [type] });
  await fixture.startWorker();
  const { error } = await fixture.settled(type, await fixture.create(type));
  return { error, fixture };
}

suite("the result of work", () => {
  test("is validated by the details' schema, and an error names the field", async () => {
    const type = defineResource({
      name: "host",
      configuration: z.object({}),
      details: z.object({ IPAddress: z.ipv4(), ports: z.array(z.number()) }),
      statuses: { ready: "Ready" },
      create: {
        status: "Provisioning",
        work: async () => ({ IPAddress: "here", ports: [1, "two" as unknown as number] }),
      },
    });
    const { error } = await errorOf(type);
    assert.partialDeepStrictEqual(error, { code: "invalid-details", title: "Invalid details", retryable: false });
    assert.match(error?.detail ?? "", /details\/IPAddress: .*; details\/ports\/1: /);
  });

  for (const [what, returned, pattern] of [
    ["a BigInt", { address: 1n }, /details\.address: the BigInt 1 cannot/],
    ["a NaN", { address: [{ rate: Number.NaN }] }, /details\.address\[0\]\.rate: NaN cannot/],
    ["a Map", { address: new Map([["a", 1]]) }, /details\.address: a Map cannot/],
    ["an Error", { address: new Error("no") }, /details\.address: an Error cannot/],
    ["nothing", undefined, /undefined/],
    ["a list", [], /details: /],
    ["a text", "up", /details: /],
  ] as const) {
    test(`may not be ${what}`, async () => {
      const { error } = await errorOf(machine((async () => returned) as unknown as MachineWork));
      assert.equal(error?.code, "invalid-details");
      assert.match(error.detail, pattern);
    });
  }

  test("must not use a reserved field", async () => {
    const type = defineResource({
      name: "host",
      configuration: z.object({}),
      details: z.looseObject({}),
      statuses: { ready: "Ready" },
      create: { status: "Provisioning", work: async () => ({ status: "mine" }) },
    });
    assert.match(
      (await errorOf(type)).error?.detail ?? "",
      /details\/status is reserved: every representation has this field/,
    );
  });

  test("is the JSON round trip of the value", async () => {
    const type = defineResource({
      name: "host",
      configuration: z.object({}),
      details: z.object({ at: z.string() }),
      statuses: { ready: "Ready" },
      create: { status: "Provisioning", work: async () => ({ at: new Date(0) as unknown as string }) },
    });
    await using fixture = await Fixture.open({ types: [type] });
    await fixture.startWorker();
    const { details } = await fixture.settled(type, await fixture.create(type));
    assert.deepEqual(JSON.parse(details), { at: "1970-01-01T00:00:00.000Z" });
  });

  test("names a ready label by settle(), and no other", async () => {
    const type = machine(async ({ id }) => settle(id === "r1" ? "Stopped" : ("Finished" as "Ready"), { address: "a" }));
    await using fixture = await Fixture.open({ types: [type] });
    await fixture.startWorker();
    assert.equal((await fixture.settled(type, await fixture.create(type))).status, "Stopped");
    const { error } = await fixture.settled(type, await fixture.create(type));
    assert.equal(error?.code, "unknown-status");
    assert.match(error.detail, /settle\("Finished"\).*Ready, Stopped/);
  });

  test("is ignored of a delete", async () => {
    const type = machine(async () => ({}), { delete: () => 7n });
    await using fixture = await Fixture.open({ types: [type] });
    await fixture.startWorker();
    const id = await fixture.create(type);
    await fixture.settled(type, id);
    await fixture.change(type, id, { kind: "delete" });
    assert.notEqual((await fixture.settled(type, id)).deletedAt, null);
  });

  test("is passed to later work, with the configuration before", async () => {
    let seen: unknown;
    const type = machine(async () => ({ address: "a" }), {
      update: async ({ configuration, previousConfiguration, details, operation: { kind } }) => {
        seen = { configuration, previousConfiguration, details, kind };
        return { address: "b" };
      },
    });
    await using fixture = await Fixture.open({ types: [type] });
    await fixture.startWorker();
    const id = await fixture.create(type, { os: "one" });
    await fixture.settled(type, id);
    await fixture.change(type, id, { kind: "update", configuration: '{"os":"two"}' });
    const { details } = await fixture.settled(type, id);
    assert.deepEqual(seen, {
      configuration: { os: "two" },
      previousConfiguration: { os: "one" },
      details: { address: "a" },
      kind: "update",
    });
    assert.deepEqual(JSON.parse(details), { address: "b" });
  });
});

suite("the input of work", () => {
  test("is migrated to the current schema version", async () => {
    let seen: unknown;
    const type = defineResource({
      name: "host",
      configuration: z.object({ sizeGb: z.number() }),
      details: z.object({ address: z.string() }),
      statuses: { ready: "Ready" },
      migrate: ({ configuration, details }) => {
        const { size, sizeGb } = z
          .object({ size: z.string().optional(), sizeGb: z.number().optional() })
          .parse(configuration);
        return { configuration: { sizeGb: sizeGb ?? Math.trunc(Number(size ?? 0)) }, details };
      },
      create: {
        status: "Provisioning",
        work: async ({ configuration }) => {
          seen = configuration;
          return { address: "a" };
        },
      },
    });
    await using fixture = await Fixture.open({ types: [type] });
    await fixture.startWorker();
    await fixture.settled(type, await fixture.create(type, { size: "16" }));
    assert.deepEqual(seen, { sizeGb: 16 });
  });
});

suite("an error of work", () => {
  test("is shown with its own message if it is a WorkError", async () => {
    const { error } = await errorOf(
      machine(async () => {
        throw new WorkError("No host has 16 GB left.", { code: "no-capacity" });
      }, once),
    );
    assert.deepEqual(error, {
      code: "no-capacity",
      title: "No capacity",
      detail: "No host has 16 GB left.",
      retryable: true,
    });
  });

  test("is never shown if it is any other error, but logged with its cause", async () => {
    const { error, fixture } = await errorOf(
      machine(async ({ step }) => {
        await step("connect", () => {
          throw new Error("password=hunter2", { cause: new Error("deep") });
        });
        return {};
      }, once),
    );
    assert.deepEqual(error, {
      code: "internal",
      title: "Internal error",
      detail: "The work failed unexpectedly.",
      retryable: true,
    });
    const logged = fixture.logged.find(({ level }) => level === "error");
    assert.match(inspect(logged?.fields), /password=hunter2[^]*deep/);
    assert.partialDeepStrictEqual(logged?.fields, { id: "r1", kind: "create", attempt: 1 });
  });

  test("is logged without the error of the step around it, and at debug if it is permanent and has no cause", async () => {
    const failing = (error: Error): MachineWork => {
      return ({ step }) =>
        step("connect", () => {
          throw error;
        });
    };
    const cause = new Error("404");
    const errors = [
      [new WorkError("busy"), "warn"],
      [new PermanentError("gone"), "debug"],
      [new PermanentError("gone", { cause }), "warn"],
    ] as const;
    for (const [error, level] of errors) {
      const { fixture } = await errorOf(machine(failing(error), once));
      const logged = fixture.logged.find(({ message }) => message === "attempt failed");
      assert.equal(logged?.level, level);
      assert.ok(Object.values(logged.fields).includes(error));
    }
  });

  test("may be no error at all", async () => {
    const { error } = await errorOf(
      machine(async () => {
        // oxlint-disable-next-line eslint/no-throw-literal, typescript/only-throw-error -- it is what is tested
        throw undefined;
      }, once),
    );
    assert.equal(error?.code, "internal");
  });

  test("is retried, unless it is permanent", async () => {
    let attempts = 0;
    const type = machine(async () => {
      attempts++;
      throw attempts < 3 ? new WorkError("again") : new PermanentError("never");
    });
    await using fixture = await Fixture.open({ types: [type] });
    await fixture.startWorker();
    const id = await fixture.create(type);
    const { error } = await fixture.advanceUntil(type, id, ({ operation }) => operation.settledAt !== null);
    assert.deepEqual({ attempts, detail: error?.detail }, { attempts: 3, detail: "never" });
  });
});

suite("an unhandled error", () => {
  test("fails the attempt that caused it, and no other", async (context) => {
    const handled = takeFaults(context);
    const type = machine(async ({ id, step }) => {
      if (id === "r1") {
        void Promise.reject(new Error("left alone"));
        await new Promise(() => {});
      }
      if (id === "r2") {
        setImmediate(() => {
          throw new Error("thrown to nobody");
        });
        await new Promise(() => {});
      }
      await step("quiet", () => {});
      return { address: id };
    }, once);
    await using fixture = await Fixture.open({ types: [type] });
    await fixture.startWorker();
    const ids = [await fixture.create(type), await fixture.create(type), await fixture.create(type)];
    await fixture.passing(() => handled.length === 2);
    // The grace period to handle the rejection, and that to react to the abort.
    fixture.clock.advance(5000);
    fixture.clock.advance(5000);
    const settled = await Promise.all(ids.map((id) => fixture.settled(type, id)));
    assert.deepEqual(
      settled.map(({ status, error }) => error?.code ?? status),
      ["internal", "internal", "Ready"],
    );
    assert.deepEqual(handled, [true, true]);
  });

  test("outside of work is not attributed", () => {
    assert.equal(attributeFault(new Error("outside")), false);
  });
});

/** Replaces the handlers of the test runner by those of the command line. */
function takeFaults(context: { after: (run: () => void) => void }): boolean[] {
  const handled: boolean[] = [];
  for (const event of ["unhandledRejection", "uncaughtException"] as const) {
    const before = process.listeners(event as "uncaughtException");
    process.removeAllListeners(event);
    process.on(event as "uncaughtException", (error: unknown, promise: unknown) =>
      handled.push(attributeFault(error, promise instanceof Promise ? promise : undefined)),
    );
    context.after(() => {
      process.removeAllListeners(event);
      for (const listener of before) process.on(event as "uncaughtException", listener);
    });
  }
  return handled;
}
