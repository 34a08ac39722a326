import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { Fixture } from "../../../test/worker/fixture.ts";
import { machine, type MachineContext, type MachineOptions } from "../../../test/worker/machine.ts";
import type { ResourceType } from "../../core/definition/resource-type.ts";
import type { Broker } from "../../core/ports/broker.ts";
import type { BeatMessage, ProgressMessage } from "../../core/ports/messages.ts";

/** A fixture with one running attempt. The test uses its context and sees its messages. */
async function reporting(options: MachineOptions = {}): Promise<
  {
    fixture: Fixture;
    type: ResourceType;
    id: string;
    sent: ProgressMessage[];
    beats: BeatMessage[];
    context: MachineContext;
    end: () => void;
  } & AsyncDisposable
> {
  const begun = Promise.withResolvers<MachineContext>();
  const ending = Promise.withResolvers<void>();
  const type = machine(async (context) => {
    begun.resolve(context);
    await ending.promise;
    return { address: "end" };
  }, options);
  const fixture = await Fixture.open({ types: [type] });
  const sent: ProgressMessage[] = [];
  const beats: BeatMessage[] = [];
  await fixture.startWorker({}, watched(sent, beats));
  const id = await fixture.create(type);
  const context = await begun.promise;
  const dispose = (): Promise<void> => fixture[Symbol.asyncDispose]();
  return { fixture, type, id, sent, beats, context, end: ending.resolve, [Symbol.asyncDispose]: dispose };
}

function watched(sent: ProgressMessage[], beats: BeatMessage[] = []): (broker: Broker) => Broker {
  return (broker) => ({
    ...broker,
    progress(message) {
      sent.push(message);
      broker.progress(message);
    },
    async request(kind, request, options) {
      if ("attempts" in request) beats.push(request);
      return broker.request(kind, request, options);
    },
  });
}

suite("report", () => {
  test("sends the latest of every field, at most once in half a second", async () => {
    await using reported = await reporting();
    const {
      fixture,
      sent,
      context: { report },
      end,
    } = reported;
    report({ progress: 0.1 });
    report({ progress: 0.2, details: { address: "a" } });
    assert.deepEqual(sent, []);
    fixture.clock.advance(50);
    assert.partialDeepStrictEqual(sent, [{ sequence: 2, progress: 0.2, details: '{"address":"a"}' }]);
    for (let part = 0; part < 100; part++) report({ progress: part / 256 });
    fixture.clock.advance(499);
    assert.equal(sent.length, 1);
    fixture.clock.advance(1);
    assert.partialDeepStrictEqual(sent[1], { sequence: 102, progress: 99 / 256, details: '{"address":"a"}' });
    fixture.clock.advance(10_000);
    assert.equal(sent.length, 2);
    end();
  });

  test("sends a new label at once", async () => {
    await using reported = await reporting();
    const {
      fixture,
      type,
      id,
      sent,
      context: { report },
      end,
    } = reported;
    report({ status: "Configuring network", progress: 0.5 });
    assert.equal(sent.length, 1);
    const { status, operation } = await fixture.reaches(
      type,
      id,
      (resource) => resource.status === "Configuring network",
    );
    assert.deepEqual({ status, progress: operation.progress }, { status: "Configuring network", progress: 0.5 });
    report({ status: "Configuring network", progress: 0.6 });
    assert.equal(sent.length, 1);
    end();
  });

  test("never goes back, and stops at the end", async () => {
    await using reported = await reporting();
    const {
      sent,
      context: { report },
      end,
    } = reported;
    report({ progress: 0.7, status: "One" });
    report({ progress: 0.2, status: "Two" });
    report({ progress: 7, status: "Three" });
    assert.deepEqual(
      sent.map(({ progress }) => progress),
      [0.7, 0.7, 1],
    );
    end();
  });

  test("merges details over those before, and shows them while in progress", async () => {
    await using reported = await reporting();
    const {
      fixture,
      type,
      id,
      context: { report },
      end,
    } = reported;
    report({ details: { address: "early" }, status: "Booting" });
    const { operation } = await fixture.reaches(type, id, ({ status }) => status === "Booting");
    assert.equal(operation.details, '{"address":"early"}');
    end();
    assert.equal((await fixture.settled(type, id)).details, '{"address":"end"}');
  });

  test("sends the remaining part of an estimate", async () => {
    await using reported = await reporting();
    const {
      fixture,
      sent,
      context: { report },
      end,
    } = reported;
    report({ estimatedTimeRemainingMs: 60_000 });
    fixture.clock.advance(50);
    report({ progress: 0.5 });
    fixture.clock.advance(500);
    assert.deepEqual(
      sent.map(({ estimatedTimeRemainingMs }) => estimatedTimeRemainingMs),
      [59_950, 59_450],
    );
    end();
  });

  test("does not show replayed reports again in a later attempt", async () => {
    const sent: ProgressMessage[] = [];
    const type = machine(async ({ report, step, receive }) => {
      report({ progress: 0.1, status: "One" });
      await step("one", () => {});
      report({ progress: 0.4, status: "Two" });
      await receive("hint");
      report({ progress: 0.6, status: "Three" });
      await step("two", () => {});
      return {};
    });
    await using fixture = await Fixture.open({ types: [type] });
    await fixture.startWorker({}, watched(sent));
    const id = await fixture.create(type);
    await fixture.state(type, id, "waiting");
    assert.deepEqual(
      sent.map(({ status }) => status),
      ["One", "Two"],
    );
    await fixture.receive(type, id, "hint", "go");
    await fixture.settled(type, id);
    assert.deepEqual(
      sent.slice(2).map(({ status, progress }) => [status, progress]),
      [["Three", 0.6]],
    );
  });

  test("does not show replayed reports on a flush request either", async () => {
    const sent: ProgressMessage[] = [];
    const replaying = Promise.withResolvers<void>();
    const proceed = Promise.withResolvers<void>();
    const type = machine(async ({ attempt, report, step, receive }) => {
      report({ progress: 0.1, status: "One" });
      if (attempt > 1) {
        replaying.resolve();
        await proceed.promise;
      }
      await step("one", () => {});
      report({ progress: 0.4, status: "Two" });
      await receive("hint");
      return {};
    });
    await using fixture = await Fixture.open({ types: [type] });
    await fixture.startWorker({}, watched(sent));
    const id = await fixture.create(type);
    await fixture.state(type, id, "waiting");
    await fixture.receive(type, id, "hint", "go");
    await replaying.promise;
    const { worker, id: operation } = (await fixture.read(type, id)).operation;
    await fixture.broker.flush(worker ?? "", operation, 1000);
    proceed.resolve();
    await fixture.settled(type, id);
    assert.deepEqual(
      sent.map(({ status }) => status),
      ["One", "Two"],
    );
  });

  test("is shown while work waits, and is not sent if it changes nothing", async () => {
    const sent: ProgressMessage[] = [];
    let isUp = false;
    const type = machine(async ({ report, until }) => {
      await until("up", () => {
        report({ progress: 0.5 });
        return isUp;
      });
      return {};
    });
    await using fixture = await Fixture.open({ types: [type] });
    await fixture.startWorker({}, watched(sent));
    const id = await fixture.create(type);
    const { operation } = await fixture.state(type, id, "waiting");
    assert.equal(operation.progress, 0.5);
    fixture.clock.advance(5000);
    await fixture.reaches(type, id, (now) => now.operation.state === "waiting" && now.operation.attempt === 2);
    assert.equal(sent.length, 1);
    isUp = true;
    fixture.clock.advance(5000);
    await fixture.settled(type, id);
  });

  test("is carried by heartbeats until one of them is answered", async () => {
    await using reported = await reporting();
    const {
      fixture,
      sent,
      beats,
      context: { report },
      end,
    } = reported;
    report({ status: "Booting" });
    fixture.clock.advance(5500);
    await fixture.answered();
    fixture.clock.advance(5500);
    await fixture.ticks();
    const carried = beats.flatMap(({ progress }) => progress);
    assert.deepEqual(carried, sent);
    assert.ok(beats.length >= 3);
    end();
  });

  test("is sent at once on a flush request", async () => {
    await using reported = await reporting();
    const {
      fixture,
      type,
      id,
      sent,
      context: { report, operation },
      end,
    } = reported;
    report({ progress: 0.3 });
    const { worker } = (await fixture.read(type, id)).operation;
    const flushed = await fixture.broker.flush(worker ?? "", operation.id, 250);
    assert.equal(flushed?.progress, 0.3);
    assert.deepEqual(sent, [flushed]);
    end();
  });
});
