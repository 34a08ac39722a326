import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { z } from "zod";
import { defineResource } from "../core/definition/define-resource.ts";
import { PermanentError } from "../core/errors.ts";
import { settle } from "../core/settle.ts";
import { crashAfterEveryCommit, runResource, virtualClock } from "./index.ts";

const HOUR_MS = 3_600_000;
const seen: string[] = [];

const machine = defineResource({
  name: "virtual-machine",
  configuration: z.object({ os: z.string(), ram: z.string().default("8GB") }),
  details: z.object({ address: z.string(), ram: z.string().optional() }),
  statuses: { ready: ["Ready", "Stopped"] },
  create: {
    status: "Provisioning",
    async work({ configuration, step, sleep, receive }) {
      const disk = await step("disk", ({ idempotencyKey }) => made("disk", idempotencyKey), { undo: unmade("disk") });
      await sleep("settle", HOUR_MS);
      const machineMade = await step("machine", ({ idempotencyKey }) => made("machine", idempotencyKey), {
        undo: unmade("machine"),
      });
      const approval = await receive("approval", { timeoutMs: HOUR_MS });
      if (approval?.approved !== true) throw new PermanentError("Nobody approved.", { code: "not-approved" });
      await step("start", () => made("start", ""));
      return { address: `${disk}/${machineMade}`, ram: configuration.ram };
    },
  },
  update: {
    status: "Resizing",
    work: async ({ details, previousConfiguration }) => ({ ...details, ram: previousConfiguration?.ram ?? "none" }),
  },
  actions: {
    stop: {
      status: "Stopping",
      input: z.object({ force: z.boolean() }),
      work: async ({ input, details }) => (input.force ? settle("Stopped", details) : details),
    },
  },
  receives: { approval: z.object({ approved: z.boolean() }) },
});

/** An external system that performs each request once per key. */
function made(what: string, key: string): string {
  if (!seen.includes(`${what} ${key}`)) seen.push(`${what} ${key}`);
  return what;
}

function unmade(what: string) {
  return ({ idempotencyKey }: { idempotencyKey: string }): void => {
    const index = seen.indexOf(`${what} ${idempotencyKey}`);
    if (index !== -1) seen.splice(index, 1);
  };
}

const approved = { name: "approval", value: { approved: true }, afterMs: HOUR_MS };

suite("runResource", () => {
  test("runs work to its end, while its waits take no time", async () => {
    seen.length = 0;
    const run = await runResource(machine, { configuration: { os: "Linux" }, messages: [approved] });
    assert.deepEqual(
      { status: run.status, details: run.details, error: run.error },
      { status: "Ready", details: { address: "disk/machine", ram: "8GB" }, error: null },
    );
    assert.deepEqual(
      run.steps.map(({ name, state }) => [name, state]),
      ["disk", "settle", "machine", "approval", "start"].map((step) => [step, "done"]),
    );
    assert.equal(run.elapsedMs, HOUR_MS);
  });

  test("tells what clients see of a failure, and what was thrown", async () => {
    seen.length = 0;
    const run = await runResource(machine, { configuration: { os: "Linux" } });
    assert.deepEqual(
      { status: run.status, code: run.error?.code, seen },
      { status: "Failed", code: "not-approved", seen: [] },
    );
    assert.match(String(run.thrown[0]), /Nobody approved/);
    assert.equal(run.elapsedMs, 2 * HOUR_MS);
  });

  test("cancels, and undoes", async () => {
    seen.length = 0;
    const run = await runResource(machine, { configuration: { os: "Linux" }, cancelAfterMs: 10 });
    assert.deepEqual(
      { status: run.status, code: run.error?.code, seen },
      { status: "Cancelled", code: "cancelled", seen: [] },
    );
  });

  test("runs an update or an action of what is there", async () => {
    const before = { configuration: { os: "Linux", ram: "4GB" }, details: { address: "there" } };
    const updated = await runResource(machine, { kind: "update", configuration: { os: "Linux", ram: "16GB" }, before });
    assert.deepEqual(
      { status: updated.status, details: updated.details },
      { status: "Ready", details: { address: "there", ram: "4GB" } },
    );
    const stopped = await runResource(machine, {
      kind: "stop",
      input: { force: true },
      configuration: { os: "Linux" },
      before,
    });
    assert.equal(stopped.status, "Stopped");
  });

  test("retries without taking time, and gives up at the limits", async () => {
    const flaky = defineResource({
      name: "flaky",
      configuration: z.object({ times: z.number() }),
      details: z.object({ attempts: z.number() }),
      statuses: { ready: "Ready" },
      create: {
        status: "Trying",
        timeoutMs: HOUR_MS,
        work: async ({ configuration: { times }, attempt, signal }) => {
          if (times === 0) {
            await new Promise((_resolve, reject) => signal.addEventListener("abort", () => reject(new Error("late"))));
          }
          if (attempt < times) throw new Error(`attempt ${attempt}`);
          return { attempts: attempt };
        },
      },
    });
    const run = await runResource(flaky, { configuration: { times: 4 } });
    assert.deepEqual(
      { details: run.details, attempts: run.attempts, thrown: run.thrown.map(String) },
      { details: { attempts: 4 }, attempts: 4, thrown: ["Error: attempt 1", "Error: attempt 2", "Error: attempt 3"] },
    );
    const late = await runResource(flaky, { configuration: { times: 0 } });
    assert.deepEqual({ code: late.error?.code, attempts: late.attempts }, { code: "timed-out", attempts: 5 });
  });

  test("refuses what a server would", async () => {
    await assert.rejects(runResource(machine, { configuration: { os: 7 as unknown as string } }), {
      code: "validation",
      message: /^\/configuration\/os: /,
    });
    await assert.rejects(
      runResource(machine, { configuration: { os: "Linux" }, messages: [{ name: "approval", value: 1 }] }),
      /messages\[0\]\.value/,
    );
    await assert.rejects(runResource(machine, { configuration: { os: "Linux" }, kind: "dance" }), {
      code: "unknown-kind",
    });
  });
});

test("crashAfterEveryCommit ends right wherever the process dies", async () => {
  for (const messages of [[approved], []]) {
    const left: string[][] = [];
    const runs = await crashAfterEveryCommit(machine, (crashAfter) => {
      if (crashAfter > 0) left.push([...seen]);
      seen.length = 0;
      return { configuration: { os: "Linux" }, messages };
    });
    left.push([...seen]);
    const [whole, ...crashed] = runs;
    assert.ok(crashed.length >= 12, `${crashed.length} commits`);
    for (const run of crashed) {
      assert.deepEqual(
        { status: run.status, details: run.details, error: run.error },
        { status: whole?.status, details: whole?.details, error: whole?.error },
      );
    }
    for (const things of left) assert.equal(things.length, messages.length === 0 ? 0 : 3);
  }
});

test("a virtual clock sleeps", async () => {
  const clock = virtualClock();
  const slept = clock.sleep(1000).then(() => clock.monotonic());
  clock.advance(999);
  assert.equal(clock.pendingTimers, 1);
  clock.advance(1);
  assert.equal(await slept, 1000);
  assert.equal(clock.pendingTimers, 0);
});

test("a virtual clock goes through its timers in order", () => {
  const clock = virtualClock();
  const startedAt = clock.now();
  const fired: [string, number][] = [];
  const note = (name: string) => () => fired.push([name, clock.monotonic()]);
  clock.after(20, note("b"));
  clock.after(10, () => {
    fired.push(["a", clock.monotonic()]);
    clock.after(5, note("within"));
  });
  clock.after(30, note("taken back"))();
  clock.advance(25);
  assert.deepEqual(fired, [
    ["a", 10],
    ["within", 15],
    ["b", 20],
  ]);
  assert.deepEqual(
    { value: clock.now() - startedAt, advanceToNext: clock.advanceToNext() },
    { value: 25, advanceToNext: false },
  );

  test("passes the owner and the principal to work and undo", async () => {
    const asked: unknown[] = [];
    const letter = defineResource({
      name: "letter",
      configuration: z.object({}),
      details: z.object({}),
      statuses: { ready: "Sent" },
      create: {
        status: "Sending",
        async work({ owner, principal, step }) {
          await step("stamp", () => 1, { undo: (run) => asked.push({ owner: run.owner, principal: run.principal }) });
          asked.push({ owner, principal });
          throw new PermanentError("No post office.");
        },
      },
      update: {
        status: "Changing",
        work: ({ owner, principal }) => {
          asked.push({ owner, principal });
          return {};
        },
      },
    });
    const principal = { id: "ann", owner: "team-1" };
    await runResource(letter, { configuration: {}, principal });
    await runResource(letter, { configuration: {}, principal: { id: "bob" }, owner: "team-2" });
    await runResource(letter, { configuration: {}, kind: "update", principal: { id: "bob" }, owner: "team-2" });
    await runResource(letter, { configuration: {}, kind: "update" });
    const bob = { owner: "team-2", principal: { id: "bob" } };
    assert.deepEqual(asked, [
      { owner: "team-1", principal },
      { owner: "team-1", principal },
      bob,
      bob,
      bob,
      { owner: undefined, principal: undefined },
    ]);
    await assert.rejects(
      runResource(letter, { configuration: {}, principal: { id: "x".repeat(9000) } }),
      /principal: use .* 1 to 1024 characters/,
    );
  });
});
