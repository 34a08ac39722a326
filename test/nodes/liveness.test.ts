import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { applied, claimAll, create, existing, numbered } from "../../src/conformance/store/fixture/changes.ts";
import { silentLog } from "../../src/core/ports/log.ts";
import type { Store } from "../../src/core/ports/store.ts";
import { type Heartbeats, createHeartbeats } from "../../src/server/workers/heartbeats.ts";
import { eventually } from "../support/eventually.ts";
import { postgresStores } from "../support/postgres-stores.ts";
import { postgresMissing, type PostgresServer, startPostgres } from "../support/postgres.ts";
import { SteppedClock } from "../support/stepped-clock.ts";

const LEASE_MS = 15_000;
const CHECK_INTERVAL_MS = 3000;

/** The liveness check of a node, with its own clock. */
interface Node {
  readonly store: Store;
  readonly clock: SteppedClock;
  readonly beats: Heartbeats;
}

function nodeOf(store: Store, wallOffsetMs = 0): Node {
  const clock = new SteppedClock();
  clock.advance(wallOffsetMs);
  const commit: Store["apply"] = (changes) => store.apply(changes);
  const beats = createHeartbeats({
    store,
    commit,
    clock,
    log: silentLog,
    telemetry: { onAttemptEnded: () => {}, onWorkerLost: () => {} },
    onProgress: () => {},
    leaseMs: LEASE_MS,
    intervalMs: CHECK_INTERVAL_MS,
  });
  return { store, clock, beats };
}

/** Advances the time and waits for the check that is due. */
async function check({ clock, beats }: Node): Promise<number> {
  clock.advance(CHECK_INTERVAL_MS);
  return beats.check();
}

const CHECKS_PER_LEASE = LEASE_MS / CHECK_INTERVAL_MS;

describe("liveness over several nodes", { skip: await postgresMissing() }, () => {
  let server: PostgresServer;
  before(async () => {
    server = await startPostgres();
  });
  after(() => server.remove());

  const beat = async (node: Node, number: number, operations: readonly string[]): Promise<void> => {
    const attempts = operations.map((operation) => ({ operation, attempt: 1 }));
    await node.beats.beat({ worker: "w", number, lastClaim: 1, attempts, progress: [] });
  };
  /** Sends a heartbeat, and resolves once other nodes can read it. */
  const seen = async (node: Node, number: number): Promise<void> => {
    await eventually(
      `heartbeat ${number} of the worker`,
      async () => (await node.store.sharing?.readHeartbeats(["w"]))?.[0]?.number === number,
    );
  };

  it("keeps a worker alive that sends heartbeats to another node, whatever the clocks show", async () => {
    await using stores = postgresStores(server);
    const here = nodeOf(await stores.open());
    const there = nodeOf(await stores.open(), 3_600_000);
    await applied(here.store, create("a"));
    await claimAll(here.store, { worker: "w" });
    for (let number = 1; number <= CHECKS_PER_LEASE * 3; number++) {
      await beat(here, number, ["a-create"]);
      await seen(there, number);
      assert.equal(await check(there), 0);
      assert.equal(await check(here), 0);
    }
    assert.equal((await existing(there.store, "a")).operation.worker, "w");
  });

  it("releases its operations after a lease without heartbeat, and only once", async () => {
    await using stores = postgresStores(server);
    const nodes = await Promise.all([stores.open(), stores.open(), stores.open()]).then((opened) =>
      opened.map((store) => nodeOf(store)),
    );
    const [first, ...others] = [nodes[0] ?? assert.fail(), ...nodes.slice(1)];
    const ids = numbered(20);
    await first.store.apply(ids.map((id) => create(id)));
    await claimAll(first.store, { worker: "w" });
    await beat(
      first,
      7,
      ids.map((id) => `${id}-create`),
    );
    await seen(others[0] ?? assert.fail(), 7);
    for (let count = 0; count < CHECKS_PER_LEASE - 1; count++) {
      assert.deepEqual(await Promise.all(nodes.map(check)), [0, 0, 0]);
    }
    const lost = [...(await Promise.all(nodes.map(check))), ...(await Promise.all(nodes.map(check)))];
    assert.equal(
      lost.reduce((sum, each) => sum + each, 0),
      ids.length,
    );
    for (const id of ids) {
      const { operation } = await existing(first.store, id);
      assert.deepEqual(
        { state: operation.state, lostWorkers: operation.lostWorkers, attempt: operation.attempt },
        { state: "pending", lostWorkers: 1, attempt: 1 },
      );
    }
  });

  it("expires nothing after a database outage of any duration", async () => {
    await using stores = postgresStores(server);
    const node = nodeOf(await stores.open());
    await applied(node.store, create("a"));
    await claimAll(node.store, { worker: "w" });
    await beat(node, 1, ["a-create"]);
    for (let count = 0; count < CHECKS_PER_LEASE - 1; count++) assert.equal(await check(node), 0);
    await server.end("fast");
    node.beats.start();
    node.clock.advance(CHECK_INTERVAL_MS);
    await node.beats.stop();
    node.clock.advance(LEASE_MS * 10);
    await server.start();
    for (let count = 0; count < CHECKS_PER_LEASE; count++) assert.equal(await check(node), 0, `look ${count}`);
    assert.equal((await existing(node.store, "a")).operation.worker, "w");
    assert.equal(await check(node), 1);
  });
});
