import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { SteppedClock } from "../../../test/support/stepped-clock.ts";
import { type Admission, createAdmission } from "./admission.ts";
import { TokenBucket, priorityOf } from "./shedding.ts";

const TARGET_MS = 250;

/** A store that commits `perMs` writes per millisecond, in order. */
class Store {
  readonly clock = new SteppedClock();
  readonly admission: Admission = createAdmission({ clock: this.clock, targetMs: TARGET_MS });
  readonly delays: number[] = [];
  refused = 0;
  perMs = 4;
  readonly #queue: (() => void)[] = [];
  #credit = 0;

  get queued(): number {
    return this.#queue.length;
  }

  /** Advances the clock by a millisecond, in which a number of writes arrive. */
  async pass(arrivals: number): Promise<void> {
    for (let each = 0; each < arrivals; each++) this.#write();
    this.#credit += this.perMs;
    for (const done of this.#queue.splice(0, Math.floor(this.#credit))) done();
    this.#credit -= Math.floor(this.#credit);
    this.clock.advance(1);
    await Promise.resolve();
  }

  #write(): void {
    if (!this.admission.admits("write")) {
      this.refused++;
      return;
    }
    const at = this.clock.monotonic();
    const committed = this.admission.write(() => new Promise<void>((resolve) => this.#queue.push(resolve)));
    void committed.then(() => this.delays.push(this.clock.monotonic() - at));
  }
}

describe("admission", () => {
  it("admits a burst of any size that the store commits in time", async () => {
    const store = new Store();
    await store.pass(1000);
    for (let ms = 0; ms < 1000; ms++) await store.pass(0);
    assert.deepEqual({ refused: store.refused, count: store.delays.length }, { refused: 0, count: 1000 });
  });

  it("keeps the store busy and delays short at five times its load, for as long as it lasts", async () => {
    const store = new Store();
    for (let ms = 0; ms < 2000; ms++) await store.pass(20);
    const before = store.delays.length;
    for (let ms = 0; ms < 5000; ms++) await store.pass(20);
    const served = store.delays.slice(before);
    assert.ok(served.length > 0.99 * 4 * 5000, `${served.length} served`);
    assert.ok(Math.max(...served) < TARGET_MS * 1.5, `${Math.max(...served)} ms`);
    assert.ok(store.queued < 4 * TARGET_MS * 1.5);
  });

  it("follows a store that becomes slow, and fast again", async () => {
    const store = new Store();
    for (let ms = 0; ms < 2000; ms++) await store.pass(20);
    store.perMs = 1.2;
    for (let ms = 0; ms < 3000; ms++) await store.pass(20);
    assert.ok(store.queued <= 1.2 * TARGET_MS * 1.5, `${store.queued} queued`);
    store.perMs = 4;
    for (let ms = 0; ms < 2000; ms++) await store.pass(20);
    const before = store.delays.length;
    for (let ms = 0; ms < 1000; ms++) await store.pass(20);
    assert.ok(store.delays.length - before > 0.95 * 4 * 1000);
  });

  it("rejects nothing any more once the load is low", async () => {
    const store = new Store();
    for (let ms = 0; ms < 3000; ms++) await store.pass(20);
    for (let ms = 0; ms < 500; ms++) await store.pass(2);
    const { refused } = store;
    for (let ms = 0; ms < 2000; ms++) await store.pass(2);
    assert.equal(store.refused, refused);
    assert.equal(store.admission.admits("long-poll"), true);
  });

  it("does not mistake a slow store for an overloaded one", async () => {
    const store = new Store();
    store.perMs = 0.01;
    for (let ms = 0; ms < 3000; ms++) await store.pass(ms % 100 === 0 ? 1 : 0);
    assert.equal(store.refused, 0);
    assert.equal(store.admission.admits("long-poll"), true);
  });

  it("rejects long polls, and at last reads, while the event loop lags", () => {
    const { admission } = new Store();
    const late = (ms: number): void => {
      for (let time = 0; time < 3; time++) admission.recordLag(ms);
    };
    admission.recordLag(5000);
    assert.deepEqual([admission.admits("long-poll"), admission.admits("other")], [true, true]);
    late(TARGET_MS + 1);
    assert.deepEqual([admission.admits("long-poll"), admission.admits("other")], [false, true]);
    late(TARGET_MS * 4 + 1);
    assert.deepEqual([admission.admits("long-poll"), admission.admits("other")], [false, false]);
    admission.recordLag(0);
    assert.deepEqual([admission.admits("long-poll"), admission.admits("other")], [true, true]);
  });
});

describe("load shedding", () => {
  const priority = (method: string, path: string, headers: Record<string, string> = {}): string | undefined =>
    priorityOf({ method, header: (name) => headers[name] }, `/api${path}`, "/api".length);

  it("rejects writes first, then long polls, and never requests of workers", () => {
    assert.deepEqual(
      [
        priority("POST", "/orders"),
        priority("PUT", "/orders/a"),
        priority("PATCH", "/orders/a"),
        priority("POST", "/orders/a/ship"),
      ],
      ["write", "write", "write", "write"],
    );
    const waiting = [
      priority("GET", "/orders/a", { prefer: "wait=5" }),
      priority("GET", "/orders/a", { accept: "text/event-stream" }),
    ];
    assert.deepEqual(waiting, ["long-poll", "long-poll"]);
    const others = [
      priority("GET", "/orders/a"),
      priority("DELETE", "/orders/a"),
      priority("POST", "/orders/a/cancel"),
      priority("POST", "/messages"),
    ];
    assert.deepEqual(others, ["other", "other", "other", "other"]);
    assert.equal(priority("POST", "/worker/claim"), undefined);
  });

  it("limits the rate of rejections", async () => {
    const clock = new SteppedClock();
    const pacer = new TokenBucket(clock, () => 1000);
    const ticks = Array.from({ length: 300 }, () => pacer.acquire());
    assert.equal(ticks.filter((tick) => tick === undefined).length, 100);
    let through = 0;
    const waiting = ticks.filter((tick) => tick !== undefined).map((tick) => tick.then(() => (through += 1)));
    for (let ms = 0; ms < 100; ms += 10) clock.advance(10);
    await Promise.resolve();
    assert.ok(through >= 90 && through <= 100, `${through} through`);
    pacer.close();
    await Promise.all(waiting);
    assert.equal(through, 200);
  });
});
