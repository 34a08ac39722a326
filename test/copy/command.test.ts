import assert from "node:assert/strict";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { copy } from "../../src/cli/copy/copy.ts";
import { check } from "../faults/check.ts";
import { readEnd } from "../faults/clients.ts";
import { readLedger } from "../faults/ledger.ts";
import type { Behaviour, Made } from "../faults/report.ts";
import { type AfootProcess, type AfootProcessOptions, startAfoot, temporaryFolder } from "../support/afoot-process.ts";
import { eventually } from "../support/eventually.ts";
import { type JsonReply, send } from "../support/exchange.ts";
import { plantedSql } from "../support/planted-sql.ts";
import { postgresMissing, type PostgresServer, startPostgres } from "../support/postgres.ts";
import { afoot } from "./command.ts";

const APP = join(import.meta.dirname, "../faults/app.ts");

describe("afoot copy", { skip: await postgresMissing() }, () => {
  let server: PostgresServer;
  let password: string;
  before(async () => {
    server = await startPostgres();
    // No statement may call what another role has planted in a schema of the search path.
    await server.query(plantedSql());
    ({ password } = new URL(server.url));
  });
  after(() => server.remove());

  it("moves a store in the midst of its work, and everything continues unchanged", async () => {
    await using folder = await temporaryFolder();
    const ledger = join(folder.path, "ledger.jsonl");
    const options: AfootProcessOptions = { app: APP, environment: { FAULTS_LEDGER: ledger, AFOOT_LOG_LEVEL: "error" } };
    const first = await startAfoot({ ...options, folder: folder.path });
    const fixture = await begin(first);
    const { path, file, to } = locationsOf(folder.path);

    const refused = await afoot("copy", "--from", file, "--to", to);
    assert.equal(refused.code, 1);
    assert.match(refused.stderr, /afoot\.db is in use by process \d+ .*stop that one first/);
    const seen = await readAll(first.origin, fixture.still);
    await first.kill();

    const moved = await afoot("copy", "--from", file, "--to", to);
    assert.deepEqual(
      { code: moved.code, stderr: moved.stderr },
      { code: 0, stderr: "" },
      "nothing but the outcome without a terminal",
    );
    assert.match(moved.stdout, /\b5 resources \(2 in progress\)\n/);
    assert.ok(!moved.stdout.includes(password));

    await assert.rejects(startAfoot({ ...options, folder: folder.path }), ({ message }: Error) => {
      assert.ok(message.includes(`${path} was moved to ${displayedLocation(to)} on `), message);
      return !message.includes(password);
    });
    const again = await afoot("copy", "--from", file, "--to", to);
    assert.equal(again.code, 0, again.stderr);
    assert.match(again.stdout, /^Already moved/);

    await using second = await startAfoot({ ...options, flags: ["--store", to] });
    const { origin } = second;
    assert.deepEqual(await readAll(origin, fixture.still), seen);
    const replayed = await post(origin, "/api/mixed", fixture.asked, fixture.key);
    assert.deepEqual(shown(replayed), shown(fixture.accepted));
    assert.equal((await send(`${origin}${fixture.waiting.location}/word`, "POST", { text: "on" })).status, 202);
    const working = [fixture.waiting, fixture.working];
    const ended = await Promise.all(working.map((made) => readEnd(() => origin, made)));
    const known = new Set(working.map(({ id }) => id));
    const lines = readLedger(ledger).filter(({ id }) => known.has(id));
    assert.deepEqual(check(ended, lines), []);
    const events = ended.map(({ history }) => new Set(history.map(({ event }) => event)));
    assert.deepEqual(
      { hasWaiting: events[0]?.has("waiting"), hasWorkerLost: events[1]?.has("worker-lost") },
      { hasWaiting: true, hasWorkerLost: true },
    );
    const fresh = await make(origin, "plain", 1);
    assert.equal((await readEnd(() => origin, fresh)).status, "Ready");
    assert.equal(await second.stop(), 0);
  });

  it("refuses a target that is not empty, and leaves the source as it is", async () => {
    await using folder = await temporaryFolder();
    const options: AfootProcessOptions = { app: APP, environment: { FAULTS_LEDGER: join(folder.path, "ledger") } };
    const { file, to } = locationsOf(folder.path);
    for (const place of [{ folder: folder.path }, { flags: ["--store", to] }]) {
      await using process = await startAfoot({ ...options, ...place });
      await make(process.origin, "plain", 1);
    }
    const { code, stderr } = await afoot("copy", "--from", file, "--to", to);
    assert.equal(code, 1);
    assert.match(stderr, /has rows already.*\?schema=NAME/);
    await using still = await startAfoot({ ...options, folder: folder.path });
    assert.equal((await send(`${still.origin}/api/mixed`, "GET")).status, 200);
  });

  for (const [argv, message] of [
    [[], /--from sqlite:/],
    [
      ["--from", "postgres://u:secret@127.0.0.1/x", "--to", "sqlite:x"],
      /--to: sqlite:x is a SQLite file; stop the process/,
    ],
    [["--from", "postgres://u:secret@127.0.0.1/x", "--to", "postgres://u:secret@127.0.0.1/y"], /--from: .*pg_dump/],
    [["--from", "sqlite:/nowhere/afoot.db", "--to", "postgres://u:secret@127.0.0.1:1/x"], /there is no such file/],
    [["--from", "mysql:x", "--to", "postgres://u:secret@127.0.0.1/x"], /--from: mysql:x is not a supported source/],
  ] as const) {
    it(`says what it needs: afoot copy ${argv.join(" ")}`, async () => {
      await assert.rejects(copy(argv), (error: Error) => {
        assert.match(error.message, message);
        return !error.message.includes("secret");
      });
    });
  }

  function locationsOf(folder: string): { readonly path: string; readonly file: string; readonly to: string } {
    const path = join(folder, "afoot.db");
    return { path, file: `sqlite:${path}`, to: `${server.url}?schema=${server.schema()}` };
  }
});

/** Returns the location of a URL, as the command prints it. */
function displayedLocation(url: string): string {
  const { protocol, host, pathname, searchParams } = new URL(url);
  return `${protocol}//${host}${pathname}, schema ${searchParams.get("schema")}`;
}

/** A store in the midst of its work. */
interface Fixture {
  /** Resources that no longer change. */
  readonly still: readonly Made[];
  /** A resource in its second step; the first one is recorded. */
  readonly working: Made;
  /** A resource that waits for a message; its first step is recorded. */
  readonly waiting: Made;
  readonly key: string;
  readonly asked: unknown;
  readonly accepted: JsonReply;
}

async function begin({ origin }: AfootProcess): Promise<Fixture> {
  const key = "the-key";
  const asked = { configuration: { behaviour: "plain", ms: 1 } };
  const accepted = await post(origin, "/api/mixed", asked, key);
  const ready = madeOf(accepted, "plain");
  const failed = await make(origin, "undo", 1);
  const deleted = await make(origin, "plain", 1);
  for (const made of [ready, failed, deleted]) await readEnd(() => origin, made);
  assert.equal((await send(origin + deleted.location, "DELETE")).status, 204);
  const waiting = await make(origin, "receive", 1);
  await reaches(origin, waiting, "waiting");
  const working = await make(origin, "plain", 1500);
  await reaches(origin, working, "step-done");
  return { still: [ready, failed, deleted], working, waiting, key, asked, accepted };
}

async function make(origin: string, behaviour: Behaviour, ms: number): Promise<Made> {
  return madeOf(await post(origin, "/api/mixed", { configuration: { behaviour, ms } }), behaviour);
}

function madeOf({ status, headers, body }: JsonReply, behaviour: Behaviour): Made {
  assert.equal(status, 202, JSON.stringify(body));
  return { id: String(body["id"]), location: headers.get("Location") ?? "", behaviour };
}

function post(origin: string, path: string, body: unknown, key?: string): Promise<JsonReply> {
  return send(origin + path, "POST", body, key === undefined ? {} : { "Idempotency-Key": key });
}

async function reaches(origin: string, { location }: Made, event: string): Promise<void> {
  await eventually(`${location} to have the event ${event}`, async () => {
    const { body } = await send(`${origin}${location}/history`, "GET");
    return JSON.stringify(body["items"]).includes(`"${event}"`);
  });
}

/** Reads the representations and histories of resources, and their list. */
async function readAll(origin: string, made: readonly Made[]): Promise<unknown> {
  const parts = made.flatMap(({ location }) => [location, `${location}/history?limit=1000`]);
  const answers = await Promise.all(parts.map((part) => send(origin + part, "GET")));
  const list = await send(`${origin}/api/mixed?fields=id`, "GET");
  return [...answers.map(shown), list.body];
}

function shown({ status, headers, body }: JsonReply): unknown {
  const names = ["ETag", "Location", "Last-Modified", "Retry-After"];
  return { status, headers: names.map((name) => headers.get(name)), body };
}
