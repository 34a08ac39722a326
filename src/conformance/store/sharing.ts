import assert from "node:assert/strict";
import { StaleClockError } from "../../core/errors.ts";
import type { Store } from "../../core/ports/store.ts";
import { applied, claimAll, clientEvent, create, numbered } from "./fixture/changes.ts";
import { FeedRecorder, sharingOf } from "./fixture/feed-recorder.ts";
import type { StoreFixture, StoreTests } from "./fixture/fixture.ts";

const HOUR_MS = 3_600_000;

/** Wraps a test of two processes. A store of a single process has no `sharing`. */
function betweenTwo(test: (one: Store, other: Store) => Promise<void>): (fixture: StoreFixture) => Promise<void> {
  return async ({ store, stores, processes }) => {
    if (processes === "one") {
      assert.equal(store.sharing, undefined);
      return;
    }
    await test(store, stores[1] ?? assert.fail("many processes are at least two"));
  };
}

/** The change feed and heartbeats that the processes of one store share. */
export const sharingTests: StoreTests = {
  "tells the other processes what changed and what is due, and not itself": betweenTwo(async (one, other) => {
    const [here, there] = [new FeedRecorder(one), new FeedRecorder(other)];
    await Promise.all([here.listening(), there.listening()]);
    const abort = { worker: "w", operation: "o", attempt: 3 };
    const key = { type: "widget", id: "größe\n\"'" };
    sharingOf(one).publish({ notices: [{ ...key, version: 2, abort }], wakes: ["widget"] });
    sharingOf(other).publish({ notices: [{ type: "widget", id: "from there", version: 1 }], wakes: [] });
    await there.until(() => there.notices.length > 0 && there.wakes.length > 0);
    await here.until(() => here.notices.length > 0);
    assert.deepEqual(there.notices, [{ ...key, version: 2, abort }]);
    assert.deepEqual(there.wakes, ["widget"]);
    assert.deepEqual(here.ids, ["from there"]);
    assert.deepEqual(here.wakes, []);
    here.stop();
    there.stop();
  }),

  "tells the others of thousands of changes at once": betweenTwo(async (one, other) => {
    const there = new FeedRecorder(other);
    await Promise.all([new FeedRecorder(one).listening(), there.listening()]);
    const ids = numbered(2000, `${"ä".repeat(50)}-`);
    sharingOf(one).publish({ notices: ids.map((id) => ({ type: "widget", id, version: 1 })), wakes: [] });
    await there.until(() => there.ids.length >= ids.length);
    assert.deepEqual(there.ids.toSorted(), ids);
  }),

  "reports a gap where it cannot publish what changed": betweenTwo(async (one, other) => {
    const there = new FeedRecorder(other);
    await Promise.all([new FeedRecorder(one).listening(), there.listening()]);
    const gap = there.gap();
    const huge = { type: "widget", id: "x".repeat(100_000), version: 1 };
    sharingOf(one).publish({ notices: [huge], wakes: [] });
    await Promise.race([gap, there.until(() => there.ids.length > 0)]);
    assert.ok(there.ids.every((id) => id === huge.id));
  }),

  "keeps the latest heartbeat of each worker, for all processes": betweenTwo(async (one, other) => {
    const heartbeats = async (store: Store): Promise<readonly unknown[]> =>
      (await sharingOf(store).readHeartbeats(["w1", "w2", "w3"])).toSorted((a, b) => (a.worker < b.worker ? -1 : 1));
    assert.deepEqual(await heartbeats(one), []);
    await sharingOf(one).saveHeartbeats([
      { worker: "w1", number: 3 },
      { worker: "w2", number: 1 },
    ]);
    await sharingOf(other).saveHeartbeats([
      { worker: "w1", number: 2 },
      { worker: "w2", number: 5 },
      { worker: "w2", number: 4 },
    ]);
    const latest = [
      { worker: "w1", number: 3 },
      { worker: "w2", number: 5 },
    ];
    assert.deepEqual(await heartbeats(one), latest);
    assert.deepEqual(await heartbeats(other), latest);
    await sharingOf(one).saveHeartbeats([]);
    assert.deepEqual(await sharingOf(one).readHeartbeats([]), []);
  }),

  "accepts the first claim of a worker that has sent a heartbeat before, whatever its number": betweenTwo(
    async (one, other) => {
      await sharingOf(one).saveHeartbeats([{ worker: "w", number: 9 }]);
      await applied(one, create("a"));
      assert.equal((await claimAll(other, { worker: "w", claim: 0 })).length, 1);
      assert.deepEqual(await sharingOf(other).readHeartbeats(["w"]), [{ worker: "w", number: 9 }]);
    },
  ),

  "applies nothing whose instant deviates too far from the store's clock": betweenTwo(async (one, other) => {
    const at = await sharingOf(one).now();
    const limit = { maxClockDriftMs: 60_000 };
    for (const byMs of [HOUR_MS, -HOUR_MS]) {
      await assert.rejects(other.apply([create("new", { at: at + byMs })], limit), StaleClockError);
    }
    const [made] = await other.apply([create("made", { at: at + 1000 })], limit);
    assert.equal(made?.outcome, "applied");
    const cancel = (byMs: number) => clientEvent("made", { event: "cancel-requested" }, { at: at + byMs });
    for (const byMs of [HOUR_MS, -HOUR_MS]) await assert.rejects(other.apply([cancel(byMs)], limit), StaleClockError);
    assert.deepEqual(
      await one.read([
        { type: "widget", id: "new" },
        { type: "widget", id: "made" },
      ]),
      [undefined, made.resource],
    );
    assert.equal((await other.apply([cancel(2000)], limit))[0]?.outcome, "applied");
  }),

  "grants nothing to a claim whose clock is too far from the store's": betweenTwo(async (one, other) => {
    const at = await sharingOf(one).now();
    await one.apply([create("due", { at }), create("due-later", { at: at + HOUR_MS })]);
    const slots = [{ type: "widget", kinds: ["create"], free: 10 }];
    const claims = await other.claim([
      { worker: "w1", claim: 1, slots, at: at + HOUR_MS, maxClockDriftMs: 60_000 },
      { worker: "w2", claim: 1, slots, at: at + 1000, maxClockDriftMs: 60_000 },
    ]);
    assert.deepEqual(
      claims.map((granted) => granted.map(({ resource }) => resource.id)),
      [[], ["due"]],
    );
    assert.deepEqual(await other.claim([{ worker: "w1", claim: 1, slots, at: at + 1000 }]), [[]]);
  }),

  "gives one claim of a worker once, to whichever process it comes": betweenTwo(async (one, other) => {
    await one.apply(numbered(100).map((id) => create(id)));
    const grants = await Promise.all(
      numbered(20).map((_, index) => claimAll(index % 2 === 0 ? one : other, { claim: 1, free: 5 })),
    );
    const names = new Set(grants.map((granted) => granted.map(({ resource }) => resource.id).join(" ")));
    assert.equal(names.size, 1);
    assert.equal((await other.claimedOperations()).length, 5);
  }),
};
