import assert from "node:assert/strict";
import { setTimeout as delay, setImmediate as nextTick } from "node:timers/promises";
import { inspect } from "node:util";
import { localBroker } from "../../src/brokers/local/index.ts";
import type { Change } from "../../src/core/change.ts";
import type { ResourceType } from "../../src/core/definition/resource-type.ts";
import type { OperationEvent } from "../../src/core/events.ts";
import { createId } from "../../src/core/ids.ts";
import { policiesOf } from "../../src/core/policy.ts";
import type { Broker } from "../../src/core/ports/broker.ts";
import type { Log } from "../../src/core/ports/log.ts";
import type { ApplyResult, SequencedHistoryEntry, Store } from "../../src/core/ports/store.ts";
import type { Resource, StepRecord } from "../../src/core/resource.ts";
import { serverOptions } from "../../src/server/options.ts";
import { createServer } from "../../src/server/server.ts";
import { createCommit } from "../../src/server/storage/commit.ts";
import { createTelemetry } from "../../src/telemetry/telemetry.ts";
import { createWorker, type Worker, type WorkerOptions } from "../../src/worker/index.ts";
import { eventually } from "../support/eventually.ts";
import { SteppedClock } from "../support/stepped-clock.ts";
import { CountedRequests } from "./counted-requests.ts";
import { createStore } from "./store.ts";

export interface Logged {
  readonly level: string;
  readonly message: string;
  readonly fields: object;
}

export interface FixtureOptions {
  readonly types: readonly ResourceType[];
  readonly worker?: Partial<WorkerOptions>;
}

/** A store, server and broker in this process, on a stepped clock, and any number of workers. */
export class Fixture implements AsyncDisposable {
  readonly clock = new SteppedClock();
  readonly logged: Logged[] = [];
  readonly broker: Broker = localBroker();
  readonly #options: FixtureOptions;
  readonly #log: Log;
  readonly #ends: (() => PromiseLike<unknown>)[] = [];
  #store: Store | undefined;
  #commit: ((changes: readonly Change[]) => Promise<readonly ApplyResult[]>) | undefined;
  #ids = 0;
  readonly #requests = new CountedRequests();

  constructor(options: FixtureOptions) {
    this.#options = options;
    const at = (level: string) => (fields: object, message: string) =>
      void this.logged.push({ level, message, fields });
    this.#log = { debug: at("debug"), info: at("info"), warn: at("warn"), error: at("error") };
  }

  static async open(options: FixtureOptions): Promise<Fixture> {
    const fixture = new Fixture(options);
    await fixture.#open();
    return fixture;
  }

  get store(): Store {
    if (this.#store === undefined) throw new Error("the fixture is not open");
    return this.#store;
  }

  /** @param through wraps the broker of the worker */
  async startWorker(
    options: Partial<WorkerOptions> = {},
    through = (broker: Broker): Broker => broker,
  ): Promise<Worker> {
    const worker = createWorker({
      types: this.#options.types,
      broker: this.#requests.through(through(this.broker)),
      clock: this.clock,
      log: this.#log,
      ...this.#options.worker,
      ...options,
    });
    this.#ends.push(() => this.stop(worker, 0));
    await worker.start();
    return worker;
  }

  /**
   * Waits until every request of the workers is answered, so that they have set their next timers. If the clock advances meanwhile, the
   * request times out, and its repetition waits for the clock.
   */
  async answered(): Promise<void> {
    await this.ticks();
    await eventually("requests to be answered", () => this.#requests.inFlight === 0, { intervalMs: 0 });
    await nextTick();
  }

  /** Stops a worker, and advances the clock while the stop waits for it. */
  async stop(worker: Worker, graceMs: number): Promise<void> {
    const stopping = worker.stop({ graceMs });
    await eventually(
      "the worker to stop",
      async () => {
        // Slow enough for the real store to commit meanwhile.
        const isStopped = await Promise.race([stopping.then(() => true), delay(20, false)]);
        if (!isStopped) this.clock.advance(100);
        return isStopped;
      },
      { intervalMs: 0 },
    );
  }

  /** Accepts a create. Returns the id of the resource. */
  async create(type: ResourceType, configuration: unknown = {}): Promise<string> {
    const id = `r${++this.#ids}`;
    const text = JSON.stringify(configuration);
    await this.#apply({
      change: "accept",
      key: { type: type.name, id },
      expect: "absent",
      operation: { id: createId(this.clock.now()), kind: "create", configuration: text, rawConfiguration: text },
    });
    return id;
  }

  /** Accepts another operation of a settled resource. */
  async change(
    type: ResourceType,
    id: string,
    operation: { kind: string; retryOf?: string; input?: string; configuration?: string },
  ): Promise<void> {
    const { creation, edit } = await this.read(type, id);
    const key = { type: type.name, id };
    await this.#apply({
      change: "accept",
      key,
      expect: { creation, edit },
      operation: { id: createId(this.clock.now()), ...operation },
    });
  }

  async applyEvent(type: ResourceType, id: string, event: OperationEvent): Promise<void> {
    await this.#apply({ change: "event", target: { type: type.name, id }, event });
  }

  async receive(type: ResourceType, id: string, name: string, value: unknown): Promise<void> {
    await this.applyEvent(type, id, {
      event: "received",
      id: createId(this.clock.now()),
      name,
      value: JSON.stringify(value),
    });
  }

  async read(type: ResourceType, id: string): Promise<Resource> {
    const [resource] = await this.store.read([{ type: type.name, id }]);
    if (resource === undefined) throw new Error(`there is no ${type.name} ${id}`);
    return resource;
  }

  async records(type: ResourceType, id: string): Promise<readonly StepRecord[]> {
    return this.store.records((await this.read(type, id)).operation.root);
  }

  async history(type: ResourceType, id: string): Promise<readonly SequencedHistoryEntry[]> {
    return this.store.history({ key: { type: type.name, id }, limit: 1000 });
  }

  /** Waits until a resource is in a state. Checks after every change, and in between because claims are not announced. */
  async reaches(type: ResourceType, id: string, isReached: (resource: Resource) => boolean): Promise<Resource> {
    let changed = Promise.withResolvers<void>();
    const unsubscribe = this.broker.onNotice((notices) => {
      if (notices.some((notice) => notice.id === id)) changed.resolve();
    });
    const check = async (): Promise<Resource | undefined> => {
      changed = Promise.withResolvers();
      const resource = await this.read(type, id);
      return isReached(resource) ? resource : undefined;
    };
    const pause = (): Promise<unknown> => Promise.race([changed.promise, delay(10)]);
    try {
      return await eventually(`${type.name} ${id}: ${String(isReached)}`, check, { pause });
    } finally {
      unsubscribe();
    }
  }

  /** Advances the clock until a resource is in a state. */
  async advanceUntil(type: ResourceType, id: string, isReached: (resource: Resource) => boolean): Promise<Resource> {
    return eventually(
      `${type.name} ${id}: ${String(isReached)}`,
      async () => {
        const resource = await this.read(type, id);
        if (isReached(resource)) return resource;
        this.clock.advance(500);
        await this.ticks(5);
        return undefined;
      },
      { intervalMs: 0 },
    );
  }

  /** Advances the clock until the lease of an operation's worker has expired. */
  async lose(type: ResourceType, id: string): Promise<void> {
    const { lostWorkers: losses } = (await this.read(type, id)).operation;
    await this.advanceUntil(type, id, ({ operation }) => operation.lostWorkers > losses);
  }

  /** Waits until a step is recorded in a state. */
  async recorded(type: ResourceType, id: string, step: string, state: StepRecord["state"]): Promise<void> {
    await eventually(
      `step ${step} of ${type.name} ${id} to be ${state}`,
      async () => {
        const records = await this.records(type, id);
        return records.some((record) => record.step === step && record.state === state);
      },
      { intervalMs: 0 },
    ).catch(async (error: unknown) => {
      const { operation } = await this.read(type, id);
      const known = { error, operation, records: await this.records(type, id), timers: this.clock.pending };
      assert.fail(inspect({ ...known, requestsInFlight: this.#requests.inFlight, log: this.logged }, { depth: 5 }));
    });
  }

  /** Waits, tick by tick of the event loop, until a condition in this process is true. */
  async passing(isSo: () => boolean): Promise<void> {
    await eventually(String(isSo), isSo, { intervalMs: 0 });
    // The code that made it true is still running in its tick, and may not have started its next timer yet.
    await nextTick();
  }

  /** Runs a number of ticks of the event loop, so that pending work of this process can finish. */
  async ticks(count = 20): Promise<void> {
    for (let remaining = count; remaining > 0; remaining--) await nextTick();
  }

  state(type: ResourceType, id: string, state: Resource["operation"]["state"]): Promise<Resource> {
    return this.reaches(type, id, ({ operation }) => operation.state === state);
  }

  /** Waits until an operation is settled. Advances the clock slowly, because a claim may be a moment early and is repeated. */
  async settled(type: ResourceType, id: string): Promise<Resource> {
    const settled = this.reaches(type, id, ({ operation }) => operation.settledAt !== null);
    return eventually(
      `${type.name} ${id} to settle`,
      async () => {
        const resource = await Promise.race([settled, delay(50, undefined)]);
        if (resource === undefined) this.clock.advance(50);
        return resource;
      },
      { intervalMs: 0 },
    );
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const end of this.#ends.toReversed()) await end();
  }

  async #open(): Promise<void> {
    const { types } = this.#options;
    const { broker, clock } = this;
    const { store, remove } = createStore(() => clock.now());
    this.#store = store;
    this.#ends.push(
      remove,
      () => store.close(),
      () => broker.close(),
    );
    await store.open({
      policies: policiesOf(types),
      at: clock.now(),
      onFatal: (error) => {
        throw error;
      },
    });
    await broker.open();
    const server = createServer({ types, store, broker, clock, log: this.#log, options: serverOptions({}) });
    await server.start();
    this.#ends.push(() => server.stop());
    this.#commit = createCommit({
      store,
      broker,
      clock,
      log: this.#log,
      onCommitted: () => {},
      metrics: createTelemetry().metrics,
    });
  }

  async #apply(change: DistributiveOmit<Change, "at" | "random">): Promise<void> {
    const [applied] = (await this.#commit?.([{ ...change, at: this.clock.now(), random: 0.5 }])) ?? [];
    if (applied?.outcome !== "applied") throw new Error(`the change was not applied: ${JSON.stringify(applied)}`);
  }
}

type DistributiveOmit<Union, Key extends PropertyKey> = Union extends unknown ? Omit<Union, Key> : never;
