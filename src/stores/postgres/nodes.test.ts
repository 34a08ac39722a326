import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { eventually } from "../../../test/support/eventually.ts";
import { postgresStores } from "../../../test/support/postgres-stores.ts";
import { postgresMissing, type PostgresServer, startPostgres } from "../../../test/support/postgres.ts";
import { anyOf } from "../../../test/support/random.ts";
import { startProxy } from "../../../test/support/tcp-proxy.ts";
import {
  applied,
  applyOne,
  clientEvent,
  claimAll,
  create,
  existing,
  numbered,
  workerEvent,
  reportingOf,
} from "../../conformance/store/fixture/changes.ts";
import { FeedRecorder, sharingOf } from "../../conformance/store/fixture/feed-recorder.ts";
import type { Change } from "../../core/change.ts";
import { MIGRATIONS } from "./schema/migrations.ts";

describe("several postgres stores", { skip: await postgresMissing() }, () => {
  let server: PostgresServer;
  before(async () => {
    server = await startPostgres();
  });
  after(() => server.remove());

  it("are opened at once over an empty schema", async () => {
    await using stores = postgresStores(server);
    const opened = await Promise.all(numbered(6).map(() => stores.open()));
    const [first, last] = [opened[0] ?? assert.fail(), opened.at(-1) ?? assert.fail()];
    await applied(first, create("a"));
    assert.equal((await existing(last, "a")).id, "a");
    assert.deepEqual(
      await stores.query("select version from {schema}._migrations order by version"),
      MIGRATIONS.map((_, index) => ({ version: index + 1 })),
    );
  });

  it("never wait for each other in a circle, whatever they write at once", async () => {
    await using stores = postgresStores(server);
    const nodes = await Promise.all([stores.open(), stores.open(), stores.open()]);
    const ids = numbered(30);
    const changes = (round: number): Change[] =>
      Array.from({ length: 40 }, (_, index) => {
        const id = anyOf(ids);
        const idempotency = {
          principal: "p",
          key: anyOf(ids),
          fingerprint: id,
          status: 202,
          location: `/${id}`,
          body: "",
        };
        return anyOf<Change>([
          create(id, { idempotency, operation: { id: `${id}-${round}-${index}` } }),
          create(id, { maxInProgress: 20, operation: { id: `${id}-${round}-${index}` } }),
          clientEvent(id, { event: "cancel-requested" }),
          clientEvent(id, { event: "received", id: `m${index}`, name: "approval", value: "1" }),
          clientEvent(id, { event: "delete-requested", operation: `${id}-${round}-${index}-delete` }),
          workerEvent(`${id}-create`, {
            event: "recorded",
            attempt: 1,
            step: "s",
            state: "done",
            result: "1",
            undo: false,
          }),
        ]);
      });
    for (let round = 0; round < 15; round++) {
      await Promise.all(
        nodes.flatMap((node, place) => [
          ...[0, 1, 2].map((part) => node.apply(changes(round * 100 + place * 10 + part))),
          node.apply((place === 1 ? ids : ids.toReversed()).map((id) => create(`${round}-${id}`))),
          claimAll(node, { worker: `w${place}`, claim: round, free: 10 }),
          node.purge({
            deletedBefore: 9e15,
            historyBefore: 9e15,
            idempotencyBefore: 9e15,
            statisticsBefore: [],
            limit: 10,
          }),
          reportingOf(node).saveDurations([
            { type: "widget", kind: "create", milestone: anyOf(["a", "b"]), samples: [[1, 2]] },
          ]),
          sharingOf(node).saveHeartbeats(["w0", "w1", "w2"].map((worker) => ({ worker, number: round }))),
        ]),
      );
    }
    assert.doesNotMatch(server.log(), /deadlock detected/);
    const lines = await stores.query(
      "select resource, count(distinct sequence) = count(*) as distinct from {schema}._history group by resource",
    );
    assert.ok(lines.every((line) => line["distinct"] === true));
  });

  it("make rows though they were given the same numbers, as after a copy or a crash of the database", async () => {
    await using stores = postgresStores(server);
    const [one, other] = await Promise.all([stores.open(), stores.open()]);
    // Each store reserves numbers with its first insert.
    await applied(one, create("a"));
    await stores.query("alter sequence {schema}._rows restart");
    await applied(other, create("b"));
    const ids = numbered(100);
    for (const id of ids) await Promise.all([applied(one, create(`${id}-one`)), applied(other, create(`${id}-other`))]);
    const [rows] = await stores.query("select count(*)::integer as count from {schema}._resources");
    assert.equal(rows?.["count"], 202);
    assert.deepEqual(
      await stores.query(
        "select r.id from {schema}._resources r left join {schema}._history h on h.resource = r.row group by r.id having count(h) <> 1",
      ),
      [],
    );
  });

  it("lock the rows that they all want in the same order", async () => {
    await using stores = postgresStores(server);
    const nodes = await Promise.all([stores.open(), stores.open(), stores.open()]);
    const ids = numbered(200);
    await nodes[0].apply(ids.map((id) => create(id)));
    for (let round = 0; round < 20; round++) {
      await Promise.all(
        nodes.map((node, place) =>
          node.apply(
            ids.map((id) =>
              clientEvent(id, { event: "received", id: `${round}-${place}`, name: "approval", value: "1" }),
            ),
          ),
        ),
      );
    }
    assert.doesNotMatch(server.log(), /deadlock detected/);
    const rows = await nodes[1].read(ids.map((id) => ({ type: "widget", id })));
    assert.ok(rows.every((row) => row?.operation.receivedCount === 60));
  });

  it("publish to each other what changed and what is due, and not to themselves", async () => {
    await using stores = postgresStores(server);
    const [one, other, apart] = await Promise.all([
      stores.open(),
      stores.open(),
      postgresStores(server).open({ schema: server.schema() }),
    ]);
    const [here, there, unrelated] = [new FeedRecorder(one), new FeedRecorder(other), new FeedRecorder(apart)];
    await Promise.all([here.listening(), there.listening(), unrelated.listening()]);
    const abort = { worker: "w", operation: "o", attempt: 3 };
    sharingOf(one).publish({ notices: [{ type: "widget", id: "größe\n", version: 2, abort }], wakes: ["widget"] });
    sharingOf(one).publish({ notices: [{ type: "widget", id: "größe\n", version: 3 }], wakes: ["widget", "gadget"] });
    sharingOf(other).publish({ notices: [{ type: "widget", id: "from there", version: 1 }], wakes: [] });
    await there.until(() => there.notices.length > 0);
    await here.until(() => here.notices.length > 0);
    // Messages of the same tick are sent together, the latest of each resource.
    assert.deepEqual(there.notices, [{ type: "widget", id: "größe\n", version: 3, abort }]);
    assert.deepEqual(there.wakes, ["widget", "gadget"]);
    assert.deepEqual(here.notices, [{ type: "widget", id: "from there", version: 1 }]);
    assert.deepEqual({ ids: unrelated.ids, wakes: unrelated.wakes }, { ids: [], wakes: [] });
    there.stop();
    await apart.close();
  });

  it("get a gap if they may have missed something, whichever of the two was cut off", async () => {
    await using stores = postgresStores(server);
    const proxy = await startProxy(server.port);
    try {
      const url = server.url.replace(`:${server.port}/`, `:${proxy.port}/`);
      const [one, other] = await Promise.all([stores.open(), stores.open({ url })]);
      const [here, there] = [new FeedRecorder(one), new FeedRecorder(other)];
      await Promise.all([here.listening(), there.listening()]);
      proxy.refuse(true);
      const [gapHere, gapThere] = [here.gap(), there.gap()];
      proxy.cut();
      sharingOf(one).publish({ notices: [{ type: "widget", id: "lost", version: 1 }], wakes: [] });
      await eventually("the connection to be cut off", async () => {
        // Published until the connection is known to be cut: earlier messages are merely lost.
        sharingOf(other).publish({ notices: [{ type: "widget", id: "unsaid", version: 1 }], wakes: [] });
        return proxy.size() === 0;
      });
      proxy.refuse(false);
      await Promise.all([gapHere, gapThere]);
      sharingOf(one).publish({ notices: [{ type: "widget", id: "heard", version: 1 }], wakes: [] });
      await there.until(() => there.ids.includes("heard"));
      assert.deepEqual(there.ids, ["heard"]);
    } finally {
      await proxy.close();
    }
  });

  it("let one of them win an Idempotency-Key, and tell the others before they answer", async () => {
    await using stores = postgresStores(server);
    const nodes = await Promise.all([stores.open(), stores.open(), stores.open()]);
    for (const key of numbered(20)) {
      const results = await Promise.all(
        nodes.map((node, place) => {
          const id = `${key}-${place}`;
          const idempotency = { principal: "p", key, fingerprint: "f", status: 202, location: `/${id}`, body: id };
          return applyOne(node, create(id, { idempotency }));
        }),
      );
      const won = results.findIndex(({ outcome }) => outcome === "applied");
      const others = results.filter((_, place) => place !== won);
      assert.ok(others.every(({ outcome, reply }) => outcome === "replayed" && reply?.body === `${key}-${won}`));
    }
    assert.equal((await nodes[0].list({ type: "widget", limit: 100 })).length, 20);
  });
});
