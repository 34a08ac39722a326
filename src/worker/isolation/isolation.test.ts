import assert from "node:assert/strict";
import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { suite, test } from "node:test";
import { eventually } from "../../../test/support/eventually.ts";
import { cable } from "../../../test/worker/cable.ts";
import { Fixture } from "../../../test/worker/fixture.ts";
import { detailsOf, hasty, open, sealed } from "../../../test/worker/isolated-app.ts";
import type { ResourceType } from "../../core/definition/resource-type.ts";
import type { Resource } from "../../core/resource.ts";
import { systemClock } from "../../core/scheduling/clock.ts";
import type { Worker, WorkerOptions } from "../index.ts";

const module = new URL("../../../test/worker/isolated-app.ts", import.meta.url);
const types = [sealed, open, hasty];
const isolation = { module, maxProcesses: 2, memoryMb: 64, silentMs: 2000 };

/** Processes use the system clock; the clock of the server advances only when a test advances it. */
async function fixture(
  options: Pick<WorkerOptions, "isolation">,
): Promise<{ fixture: Fixture; worker: Worker } & AsyncDisposable> {
  const opened = await Fixture.open({ types });
  const worker = await opened.startWorker({ clock: systemClock, ...options });
  return {
    fixture: opened,
    worker,
    async [Symbol.asyncDispose]() {
      await worker.stop({ graceMs: 0 });
      await opened[Symbol.asyncDispose]();
    },
  };
}

const pidOf = (resource: Resource): number => detailsOf(resource).pid;

/** Advances the clock of the server while processes use real time. */
async function ended(of: Fixture, type: ResourceType, id: string): Promise<Resource> {
  return eventually(`${type.name} ${id} to settle`, async () => {
    const resource = await of.read(type, id);
    if (resource.operation.settledAt !== null) return resource;
    if (resource.operation.dueAt !== null) of.clock.advance(100);
    return undefined;
  });
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

suite("isolated work", () => {
  test("runs in a process of its own, which is used again after an attempt that ended well", async () => {
    await using running = await fixture({ isolation });
    const { fixture: of, worker } = running;
    const first = await ended(of, sealed, await of.create(sealed, { does: "nothing" }));
    const second = await ended(of, sealed, await of.create(sealed, { does: "nothing" }));
    const beside = await ended(of, open, await of.create(open, { does: "nothing" }));
    assert.deepEqual(
      [pidOf(first) === pidOf(second), pidOf(first) === process.pid, pidOf(beside) === process.pid],
      [true, false, true],
    );
    await worker.stop({ graceMs: 0 });
    assert.equal(isAlive(pidOf(first)), false);
  });

  test("records, waits, receives and reports as any other", async () => {
    await using running = await fixture({ isolation });
    const { fixture: of } = running;
    const id = await of.create(sealed, { does: "steps" });
    await of.state(sealed, id, "waiting");
    await of.receive(sealed, id, "hint", "go on");
    const resumed = await ended(of, sealed, id);
    const { operation } = resumed;
    const { note, pid } = detailsOf(resumed);
    assert.deepEqual({ attempt: operation.attempt, note }, { attempt: 2, note: `attempt 1 in ${pid}` });
    const reporting = await of.create(sealed, { does: "report" });
    const { status } = await of.reaches(sealed, reporting, (resource) => resource.status === "Halfway");
    assert.equal(status, "Halfway");
    const { worker, id: reported } = (await of.read(sealed, reporting)).operation;
    assert.equal((await of.broker.flush(worker ?? "", reported, 10_000))?.progress, 0.6);
    await of.reaches(sealed, reporting, (resource) => resource.operation.progress === 0.6);
    await of.applyEvent(sealed, reporting, { event: "cancel-requested" });
    assert.equal((await ended(of, sealed, reporting)).status, "Cancelled");
  });

  for (const does of ["exit", "loop", "memory"]) {
    test(`that is poison (${does}) spends its own budget, while innocent work beside it finishes`, async () => {
      await using running = await fixture({ isolation });
      const { fixture: of } = running;
      const poison = await of.create(sealed, { does });
      const innocent = await Promise.all([
        of.create(sealed, { does: "nothing" }),
        of.create(sealed, { does: "nothing" }),
        of.create(open, { does: "nothing" }),
      ]);
      const { error, operation } = await ended(of, sealed, poison);
      assert.deepEqual(
        { code: error?.code, lostWorkers: operation.lostWorkers },
        { code: "worker-lost", lostWorkers: 3 },
      );
      for (const [index, id] of innocent.entries()) {
        const settled = await ended(of, index === 2 ? open : sealed, id);
        assert.deepEqual(
          { error: settled.error, lostWorkers: settled.operation.lostWorkers },
          { error: null, lostWorkers: 0 },
        );
      }
    });
  }

  test("with an unhandled rejection fails, and its process continues", async () => {
    await using running = await fixture({ isolation });
    const { fixture: of } = running;
    const { error, operation } = await ended(of, sealed, await of.create(sealed, { does: "reject" }));
    assert.deepEqual({ code: error?.code, lostWorkers: operation.lostWorkers }, { code: "internal", lostWorkers: 0 });
  });

  test("that ignores its time limit is ended with its process", { timeout: 60_000 }, async () => {
    await using running = await fixture({ isolation });
    const { fixture: of } = running;
    const id = await of.create(hasty, { does: "hang" });
    const { operation } = await of.reaches(hasty, id, ({ operation: { lostWorkers: losses } }) => losses === 1);
    assert.equal(operation.failures, 0);
  });

  test("is told at once when its worker stops, and is handed back", async () => {
    await using opened = await Fixture.open({ types });
    const worker = await opened.startWorker({ clock: systemClock, isolation });
    const id = await opened.create(sealed, { does: "report" });
    // The label is reported while the work waits for its signal.
    await opened.reaches(sealed, id, ({ status }) => status === "Halfway");
    const stopped = worker.stop({ graceMs: 60_000 });
    const { operation } = await opened.state(sealed, id, "pending");
    const { failures, lostWorkers } = operation;
    assert.deepEqual({ failures, lostWorkers }, { failures: 0, lostWorkers: 0 });
    await stopped;
  });

  test("that lost its worker shares a process at first, and runs alone after the death of that process", async () => {
    await using opened = await Fixture.open({ types });
    const line = cable();
    await opened.startWorker({}, line.through);
    const waiting = await Promise.all(["wait", "wait", "wait"].map((does) => opened.create(open, { does })));
    const poison = await opened.create(open, { does: "wait, then exit" });
    for (const id of [...waiting, poison]) await opened.state(open, id, "running");
    line.cut();
    for (const id of [...waiting, poison]) {
      await opened.advanceUntil(open, id, ({ operation }) => operation.lostWorkers === 1);
    }
    const worker = await opened.startWorker({ clock: systemClock, isolation: { ...isolation, maxProcesses: 1 } });
    const settled = await Promise.all(waiting.map((id) => ended(opened, open, id)));
    const { error } = await ended(opened, open, poison);
    await worker.stop({ graceMs: 0 });
    assert.equal(error?.code, "worker-lost");
    // An innocent operation shared the process of the poison at most once.
    assert.ok(
      settled.every((resource) => resource.error === null && resource.operation.lostWorkers <= 2),
      JSON.stringify(settled),
    );
    assert.ok(settled.every((resource) => pidOf(resource) !== process.pid));
  });

  test("without a module runs in the worker's own process, with one warning", async () => {
    await using running = await fixture({});
    const { fixture: of } = running;
    for (let count = 0; count < 2; count++) {
      assert.equal(pidOf(await ended(of, sealed, await of.create(sealed, { does: "nothing" }))), process.pid);
    }
    assert.equal(of.logged.filter(({ message }) => message.includes("isolated work runs in this process")).length, 1);
  });

  test("that lost its worker runs in the next one without a module, with a warning of its own", async () => {
    await using opened = await Fixture.open({ types });
    const line = cable();
    await opened.startWorker({}, line.through);
    const id = await opened.create(open, { does: "wait" });
    await opened.state(open, id, "running");
    line.cut();
    await opened.advanceUntil(open, id, ({ operation }) => operation.lostWorkers === 1);
    const worker = await opened.startWorker({ clock: systemClock });
    assert.equal(pidOf(await ended(opened, open, id)), process.pid);
    await worker.stop({ graceMs: 0 });
    const warnings = opened.logged.map(({ message }) => message).filter((message) => message.includes("{ module }"));
    assert.deepEqual(
      warnings.map((message) => message.slice(0, 25)),
      ["work that lost its worker"],
    );
  });

  test("dies with its worker, even in an endless loop", async () => {
    const parent: ChildProcess = fork(new URL("../../../test/worker/isolated-parent.ts", import.meta.url), {
      execArgv: ["--conditions=@afoot/source"],
    });
    const [pid] = (await once(parent, "message")) as [number];
    assert.equal(isAlive(pid), true);
    parent.kill("SIGKILL");
    await eventually("the isolated process to exit", () => !isAlive(pid));
  });
});
