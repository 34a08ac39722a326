import assert from "node:assert/strict";
import type { Change } from "../../core/change.ts";
import type { ApplyResult, Store } from "../../core/ports/store.ts";
import type { StoreTransactions, TransactionClient } from "../../core/ports/transactions.ts";
import { applied, applyOne, claimAll, clientEvent, create, existing, readOne } from "./fixture/changes.ts";
import { FeedRecorder } from "./fixture/feed-recorder.ts";
import type { ApplicationTransaction, StoreFixture, StoreTests } from "./fixture/fixture.ts";

function transactionsOf({ transactions }: Store): StoreTransactions {
  return transactions ?? assert.fail("the store has no part `transactions`");
}

function begin(fixture: StoreFixture): Promise<ApplicationTransaction> {
  return fixture.begin?.() ?? assert.fail("the location has no `begin`");
}

function applyWithin(store: Store, client: TransactionClient, change: Change): Promise<ApplyResult> {
  return transactionsOf(store).within(client, (transaction) => transaction.apply(change));
}

const REPLY = { principal: "p", key: "k", fingerprint: "f", status: 202, location: "/a", body: "b" };

/** Changes within transactions of the application. */
export const transactionTests: StoreTests = {
  "shows and publishes a change at the commit": async (fixture) => {
    const { store, stores } = fixture;
    const feeds = stores.map((each) => new FeedRecorder(each));
    await Promise.all(feeds.map((feed) => feed.listening()));
    const { client, commit } = await begin(fixture);
    const { outcome, resource } = await applyWithin(store, client, create("a", { idempotency: REPLY }));
    assert.equal(outcome, "applied");
    assert.equal(await readOne(store, "a"), undefined);
    assert.deepEqual(await store.readReplies([REPLY]), [undefined]);
    assert.deepEqual(await claimAll(store), []);
    await commit();
    assert.deepEqual(await existing(store, "a"), resource);
    assert.deepEqual(await store.readReplies([REPLY]), [REPLY]);
    // Every process gets the notice, the own one too.
    await Promise.all(feeds.map((feed) => feed.until(() => feed.ids.length > 0 && feed.wakes.length > 0)));
    for (const feed of feeds) {
      assert.deepEqual([feed.ids, feed.wakes], [["a"], ["widget"]]);
      feed.stop();
    }
    assert.equal((await claimAll(store, { claim: 2 })).length, 1);
  },

  "leaves nothing of a change that is rolled back": async (fixture) => {
    const { store } = fixture;
    const feed = new FeedRecorder(store);
    await feed.listening();
    const first = await begin(fixture);
    await applyWithin(store, first.client, create("a", { idempotency: REPLY }));
    await first.rollback();
    const second = await begin(fixture);
    await applyWithin(store, second.client, create("b"));
    await second.commit();
    await feed.until(() => feed.ids.length > 0);
    feed.stop();
    assert.deepEqual(feed.ids, ["b"]);
    assert.equal(await readOne(store, "a"), undefined);
    assert.deepEqual(await store.readReplies([REPLY]), [undefined]);
    await applied(store, create("a", { idempotency: REPLY }));
  },

  "reads the changes of the transaction itself": async (fixture) => {
    const { store } = fixture;
    const { client, commit } = await begin(fixture);
    await transactionsOf(store).within(client, async (transaction) => {
      await transaction.apply(create("a", { idempotency: REPLY }));
      assert.equal((await transaction.read({ type: "widget", id: "a" }))?.id, "a");
      assert.deepEqual(await transaction.readReply(REPLY), REPLY);
      assert.equal((await transaction.apply(create("a", { idempotency: REPLY }))).outcome, "replayed");
      const cancelled = await transaction.apply(clientEvent("a", { event: "cancel-requested" }));
      assert.equal(cancelled.resource?.operation.state, "cancelled");
    });
    await commit();
    assert.equal((await existing(store, "a")).operation.state, "cancelled");
  },

  "counts the resources of the transaction itself towards a limit": async (fixture) => {
    const { store } = fixture;
    await applied(store, create("a"));
    const { client, rollback } = await begin(fixture);
    const outcomes: unknown[] = [];
    for (const id of ["b", "c"]) {
      const { outcome, code } = await applyWithin(store, client, create(id, { maxInProgress: 2 }));
      outcomes.push(code ?? outcome);
    }
    assert.deepEqual(outcomes, ["applied", "too-many-in-progress"]);
    await rollback();
    await applied(store, create("b", { maxInProgress: 2 }));
  },

  "calls back after a commit in the process that made the change": async (fixture) => {
    const { store, stores } = fixture;
    const committed = Promise.withResolvers<readonly string[]>();
    const feeds = stores.map((each) => new FeedRecorder(each));
    await Promise.all(feeds.map((feed) => feed.listening()));
    const unsubscribe = transactionsOf(store).onCommitted((changed) => committed.resolve(changed.map(({ id }) => id)));
    const others = stores.slice(1).map((each) => transactionsOf(each).onCommitted(() => assert.fail("it made none")));
    const first = await begin(fixture);
    await applyWithin(store, first.client, create("rolled back"));
    await first.rollback();
    const second = await begin(fixture);
    await applyWithin(store, second.client, create("a"));
    await second.commit();
    assert.deepEqual(await committed.promise, ["a"]);
    await Promise.all(feeds.map((feed) => feed.until(() => feed.ids.length > 0)));
    for (const end of [unsubscribe, ...others]) end();
    for (const feed of feeds) feed.stop();
  },

  "passes by the rows that a transaction holds, and applies all other changes": async (fixture) => {
    const { store, stores } = fixture;
    await applied(store, create("held"));
    const { client, commit } = await begin(fixture);
    await applyWithin(store, client, clientEvent("held", { event: "received", id: "m", name: "approval", value: "1" }));
    for (const [index, each] of stores.entries()) {
      const cancel = clientEvent("held", { event: "cancel-requested" });
      const results = await each.apply([create(`a${index}`), cancel, create(`b${index}`)]);
      assert.deepEqual(
        results.map(({ outcome }) => outcome),
        ["applied", "locked", "applied"],
      );
      assert.equal((await claimAll(each, { worker: `w${index}`, claim: 1 })).length, 2);
    }
    await commit();
    const cancel = clientEvent("held", { event: "cancel-requested" });
    let result = await applyOne(store, cancel);
    while (result.outcome === "locked") result = await applyOne(store, cancel);
    assert.equal(result.outcome, "applied");
    assert.equal((await existing(store, "held")).operation.receivedCount, 1);
  },
};
