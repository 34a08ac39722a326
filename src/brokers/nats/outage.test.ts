import assert from "node:assert/strict";
import { after, afterEach, before, describe, it } from "node:test";
import { jetstream } from "@nats-io/jetstream";
import { connect } from "@nats-io/transport-node";
import { eventually } from "../../../test/support/eventually.ts";
import { freePort } from "../../../test/support/free-port.ts";
import { natsMissing, type NatsServer, startNats } from "../../../test/support/nats.ts";
import { handlersWith } from "../../conformance/broker/fixture.ts";
import { isAfootError } from "../../core/errors.ts";
import type { Broker } from "../../core/ports/broker.ts";
import type { Notice } from "../../core/ports/messages.ts";
import { natsBroker, type NatsBrokerOptions } from "./index.ts";

/** Longer than any test, so that a wait of this length does not end. */
const FOR_EVER_MS = 3_600_000;
const CLAIM = { worker: "w1", claim: 1, slots: [] };
const NOTICE: Notice = { type: "widget", id: "1", version: 1 };

const isUnavailable = (error: unknown): boolean => isAfootError(error) && error.code === "broker-unavailable";

describe("NATS away and back", { skip: natsMissing() }, () => {
  let nats: NatsServer;
  const brokers: Broker[] = [];
  before(async () => {
    nats = await startNats();
  });
  afterEach(async () => {
    await Promise.all(brokers.splice(0).map((broker) => broker.close()));
  });
  after(() => nats[Symbol.asyncDispose]());

  const open = async (options: NatsBrokerOptions = {}): Promise<Broker> => {
    const broker = natsBroker({ servers: nats.url, ...options });
    brokers.push(broker);
    await broker.open();
    return broker;
  };
  const back = (broker: Broker): Promise<void> => new Promise((resolve) => void broker.onGap?.(resolve));

  it("opens during an outage, reports it, and connects when it is over", async () => {
    const port = await freePort();
    const broker = await open({ servers: `nats://127.0.0.1:${port}` });
    assert.match(broker.status?.().detail ?? "", new RegExp(`127.0.0.1:${port}.*refused.*nothing is lost`));
    assert.equal(broker.status?.().ready, false);
    await assert.rejects(broker.request("claim", CLAIM, { timeoutMs: FOR_EVER_MS }), isUnavailable);
    assert.equal(await broker.flush("w1", "o1", FOR_EVER_MS), undefined);
    const there = back(broker);
    await using late = await startNats([], port);
    await there;
    assert.equal(late.port, port);
    assert.equal(broker.status?.().ready, true);
    assert.equal(await broker.flush("nobody", "o1", FOR_EVER_MS), undefined);
  });

  it("closes during an outage", async () => {
    const broker = await open({ servers: `nats://127.0.0.1:${await freePort()}` });
    await broker.close();
    assert.equal(broker.status?.().ready, false);
  });

  it("fails pending requests as soon as the connection is lost", async () => {
    const [server, worker] = await Promise.all([open(), open()]);
    const requests = Promise.withResolvers<void>();
    const never = Promise.withResolvers<never>();
    server.serve(
      handlersWith({
        claim: () => {
          requests.resolve();
          return never.promise;
        },
      }),
    );
    await server.subscribed?.();
    const notified = assert.rejects(worker.request("claim", CLAIM, { timeoutMs: FOR_EVER_MS }), isUnavailable);
    await requests.promise;
    await nats.kill();
    await notified;
    never.reject(new Error("over"));
    await nats.start();
  });

  it("delivers messages inside one process during an outage", async () => {
    const broker = await open();
    await nats.kill();
    await assert.rejects(broker.request("claim", CLAIM, { timeoutMs: FOR_EVER_MS }), isUnavailable);
    const received: unknown[] = [];
    const woken = Promise.withResolvers<void>();
    broker.onNotice((notices) => received.push(notices));
    broker.onWake(["widget"], woken.resolve);
    broker.serve(handlersWith({ claim: async () => ({ grants: [] }) }));
    const progress = { operation: "o1", attempt: 1, sequence: 1 };
    broker.onFlush("w1", async () => progress);
    broker.announce([NOTICE]);
    broker.wake(["widget"]);
    await woken.promise;
    assert.deepEqual(received, [[NOTICE]]);
    assert.deepEqual(await broker.request("claim", CLAIM), { grants: [] });
    assert.deepEqual(await broker.flush("w1", "o1", FOR_EVER_MS), progress);
    await nats.start();
  });

  it("drops messages during an outage, buffers none, and reports the gap", async () => {
    const [one, other] = await Promise.all([open(), open()]);
    const received: Notice[] = [];
    const later = Promise.withResolvers<void>();
    other.onNotice((notices) => {
      received.push(...notices);
      if (notices.some(({ id }) => id === "later")) later.resolve();
    });
    await other.subscribed?.();
    const gaps = [back(one), back(other)];
    await nats.kill();
    await assert.rejects(one.request("claim", CLAIM, { timeoutMs: FOR_EVER_MS }), isUnavailable);
    for (let version = 1; version <= 100_000; version++) one.announce([{ ...NOTICE, version }]);
    one.progress({ operation: "o1", attempt: 1, sequence: 1 });
    await nats.start();
    await Promise.all(gaps);
    await other.subscribed?.();
    one.announce([{ ...NOTICE, id: "later" }]);
    await later.promise;
    assert.deepEqual(
      received.map(({ id }) => id),
      ["later"],
    );
  });

  it("replies to every request in the end, however often NATS is killed, and to each with its own reply", async () => {
    const [server, worker] = await Promise.all([open(), open()]);
    server.serve(handlersWith({ claim: async ({ claim }) => ({ grants: [], nextDueMs: claim }) }));
    await server.subscribed?.();
    const answered = new Count();
    const isOver = new AbortController();
    const asking = Array.from({ length: 20 }, async (_, index) => {
      for (let claim = index; !isOver.signal.aborted; claim += 20) {
        assert.equal(await repeated(worker, claim), claim);
        answered.add();
      }
    });
    for (let kill = 0; kill < 4; kill++) {
      await nats.kill();
      await nats.start();
      await answered.more(100);
    }
    isOver.abort();
    await Promise.all(asking);
  });

  it("closes with pending requests, and fails them", async () => {
    const [server, worker] = await Promise.all([open(), open()]);
    const requests = Promise.withResolvers<void>();
    const claim = (): Promise<never> => {
      requests.resolve();
      return new Promise(() => {});
    };
    server.serve(handlersWith({ claim }));
    await server.subscribed?.();
    const notified = assert.rejects(worker.request("claim", CLAIM, { timeoutMs: FOR_EVER_MS }), isUnavailable);
    await requests.promise;
    await Promise.all([server.close(), worker.close()]);
    await notified;
    await assert.rejects(server.open(), { code: "broker-closed" });
  });

  it("continues to deliver messages after a callback throws", async () => {
    const [one, other] = await Promise.all([open(), open()]);
    const received = Promise.withResolvers<void>();
    other.onNotice(([notice]) => {
      if (notice?.id === "last") received.resolve();
      else throw new Error("not this one");
    });
    await other.subscribed?.();
    one.announce([NOTICE]);
    await one.subscribed?.();
    one.announce([{ ...NOTICE, id: "last" }]);
    await received.promise;
  });

  it("consumes status messages again after a restart, also of a NATS that has lost its stream", async () => {
    const first = await startNats();
    const server = await open({ servers: first.url });
    let onReceived = (): void => {};
    server.onStatus?.(async (messages) => {
      onReceived();
      return messages.map(() => ({ result: "applied" }));
    });
    const posted = async (): Promise<void> => {
      const taken = new Promise<void>((resolve) => (onReceived = resolve));
      const connection = await connect({ servers: first.url });
      await jetstream(connection).publish("afoot.status.widget.1", "{}", { retries: 100 });
      await taken;
      await connection.close();
    };
    await posted();
    await first.kill();
    await first.start();
    await posted();
    await first[Symbol.asyncDispose]();
    await using bare = await startNats([], first.port);
    await posted();
    assert.equal(bare.port, first.port);
  });

  it("detects a server that keeps its connection open and sends nothing", async () => {
    const [server, worker] = await Promise.all([open(), open()]);
    const requests = Promise.withResolvers<void>();
    const never = Promise.withResolvers<never>();
    server.serve(
      handlersWith({
        claim: () => {
          requests.resolve();
          return never.promise;
        },
      }),
    );
    await server.subscribed?.();
    const notified = assert.rejects(worker.request("claim", CLAIM, { timeoutMs: FOR_EVER_MS }), isUnavailable);
    await requests.promise;
    const thaw = nats.freeze();
    const there = back(worker);
    try {
      // Neither a reply nor an end arrives: only the unanswered pings show it.
      await notified;
      assert.equal(worker.status?.().ready, false);
    } finally {
      thaw();
      never.reject(new Error("over"));
    }
    await there;
    assert.equal(worker.status?.().ready, true);
  });
});

/** Retries a request as a worker does, until it gets a reply. */
async function repeated(worker: Broker, claim: number): Promise<number | undefined> {
  return eventually(`claim ${claim} to be answered`, async () => {
    try {
      return (await worker.request("claim", { ...CLAIM, claim }, { timeoutMs: FOR_EVER_MS })).nextDueMs;
    } catch (error) {
      if (!isUnavailable(error)) throw error;
      return undefined;
    }
  });
}

class Count {
  #count = 0;
  #waiting: { readonly until: number; readonly resolve: () => void }[] = [];

  add(): void {
    this.#count += 1;
    for (const { until, resolve } of this.#waiting) if (this.#count >= until) resolve();
    this.#waiting = this.#waiting.filter(({ until }) => this.#count < until);
  }

  /** Resolves after this many more. */
  more(count: number): Promise<void> {
    return new Promise((resolve) => void this.#waiting.push({ until: this.#count + count, resolve }));
  }
}
