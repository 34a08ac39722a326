import assert from "node:assert/strict";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { type AfootProcess, startAfoot, temporaryFolder } from "../support/afoot-process.ts";
import { type JsonReply, send } from "../support/exchange.ts";
import { natsMissing, type NatsServer, startNatsCluster } from "../support/nats.ts";
import { postgresMissing, type PostgresServer, startPostgres } from "../support/postgres.ts";
import { allSettled, Ledger, makeMany, post } from "./fixture.ts";

const app = join(import.meta.dirname, "gate-app.ts");

const postgresIsMissing = await postgresMissing();
/** Number of operations that each worker claims. */
const EACH = 4;

const missing = postgresIsMissing === false ? natsMissing() : postgresIsMissing;

/** Two servers and as many workers as are started, on PostgreSQL and three NATS nodes. */
describe("beyond one machine", { skip: missing }, () => {
  const ends: (() => PromiseLike<unknown>)[] = [];
  let folder: Awaited<ReturnType<typeof temporaryFolder>>;
  let postgres: PostgresServer;
  let nodes: readonly NatsServer[];
  let ledger: Ledger;
  let environment: Record<string, string>;
  let broker: string[];
  let servers: AfootProcess[];
  const start = async (flags: string[]): Promise<AfootProcess> => {
    const started = await startAfoot({ app, environment, flags: [...flags, ...broker] });
    ends.push(() => started[Symbol.asyncDispose]());
    return started;
  };
  const startWorker = (): Promise<AfootProcess> => start(["--role", "worker"]);
  before(async () => {
    folder = await temporaryFolder();
    ends.push(() => folder[Symbol.asyncDispose]());
    postgres = await startPostgres();
    ends.push(() => postgres.remove());
    nodes = await startNatsCluster();
    for (const node of nodes) ends.push(() => node[Symbol.asyncDispose]());
    environment = { GATE_FOLDER: folder.path };
    broker = ["--broker", nodes.map(({ url }) => url).join(",")];
    const flags = ["--role", "server", "--store", `${postgres.url}?schema=${postgres.schema()}`];
    servers = await Promise.all([start(flags), start(flags)]);
    ledger = new Ledger(folder.path);
  });
  after(async () => {
    for (const end of ends.toReversed()) await end();
  });

  it("a worker killed and a worker paused past its lease: others go on, recorded steps are not run again", async (context) => {
    const [one, two] = servers;
    const origin = one?.origin ?? "";
    const killed = await startWorker();
    const paths = await makeMany(origin, EACH);
    await ledger.reaches("waits", EACH, (pid) => pid === killed.pid);
    await killed.kill();
    const killedAt = Date.now();
    const paused = await startWorker();
    paths.push(...(await makeMany(origin, EACH)));
    await ledger.reaches("waits", EACH, (pid) => pid === paused.pid);
    paused.signal("SIGSTOP");
    const pausedAt = Date.now();
    // Operations that lost their worker run in isolated processes.
    const isOther = (pid: number): boolean => pid !== killed.pid && pid !== paused.pid;
    await startWorker();
    // One of the three nodes of NATS is killed too.
    await nodes[0]?.kill();
    await ledger.reaches("waits", EACH * 2, isOther);
    await nodes[0]?.start();
    const claimsOf = async (path: string): Promise<number[]> => {
      const { body } = await send(`${two?.origin}${path}/history`, "GET");
      const entries = body["items"] as { event: string; at: string }[];
      return entries.filter(({ event }) => event === "claimed").map(({ at }) => Date.parse(at));
    };
    const reclaimedAfterMs = await Promise.all(
      paths.map(async (path, index) => {
        const claims = await claimsOf(path);
        assert.equal(claims.length, 2, `${path} is claimed once more`);
        return (claims[1] ?? 0) - (index < EACH ? killedAt : pausedAt);
      }),
    );
    context.diagnostic(`reclaimed after ${Math.min(...reclaimedAfterMs)} to ${Math.max(...reclaimedAfterMs)} ms`);

    paused.signal("SIGCONT");
    await ledger.reaches("aborted", EACH, (pid) => pid === paused.pid);
    assert.deepEqual(ledger.of("passed"), [], "no work has passed the gate");
    ledger.openGate();
    const ended = await allSettled(two?.origin ?? "", paths);
    assert.deepEqual(
      ended.filter(({ status, tries, pid }) => status !== "Ready" || tries !== 2 || !isOther(Number(pid))),
      [],
    );
    assert.equal(new Set(ledger.of("left")).size, ledger.of("left").length, "no recorded step runs again");
    assert.deepEqual(
      ledger.of("passed", (pid) => pid === paused.pid),
      [],
      "the work of the paused worker is aborted at the gate",
    );
  });

  it("a server killed: no request fails but those on its own connections, and none has two effects", async () => {
    const [one, two] = servers;
    assert.ok(one !== undefined && two !== undefined);
    const paths: string[] = [];
    const cut: string[] = [];
    await startWorker();
    ledger.openGate();
    let requested = 0;
    const made = async (origin: string, key: string): Promise<void> => {
      const response: JsonReply = await post(origin, { "Idempotency-Key": key });
      assert.equal(response.status, 202, JSON.stringify(response.body));
      paths.push(response.headers.get("Location") ?? "");
    };
    const client = async (): Promise<void> => {
      for (let number = requested++; number < 300; number = requested++) {
        const key = `key-${number}`;
        const isToOne = number % 2 === 1;
        await made(isToOne ? one.origin : two.origin, key).catch((error: unknown) => {
          assert.ok(isToOne && error instanceof TypeError, String(error));
          cut.push(key);
        });
        if (number === 100) void one.kill();
      }
    };
    await Promise.all(Array.from({ length: 20 }, client));
    assert.ok(cut.length > 0);
    for (const key of cut) await made(two.origin, key);
    assert.deepEqual({ count: paths.length, size: new Set(paths).size }, { count: 300, size: 300 });
    const ended = await allSettled(two.origin, paths);
    assert.deepEqual(
      ended.filter(({ status }) => status !== "Ready"),
      [],
    );
    const ids = new Set(ended.map(({ id }) => String(id)));
    const passed = ledger.of("passed").filter((id) => ids.has(id));
    assert.equal(passed.length, 300, "the work of each runs once");
  });
});
