import assert from "node:assert/strict";
import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { readdir, readFile } from "node:fs/promises";
import { connect } from "node:net";
import { join, resolve } from "node:path";
import { describe, it } from "node:test";
import { promisify } from "node:util";
import { startAfoot, temporaryFolder } from "../support/afoot-process.ts";
import { eventually } from "../support/eventually.ts";
import { freePort } from "../support/free-port.ts";

const run = promisify(execFile);
const MAIN = resolve(import.meta.dirname, "../../src/cli/main.ts");
const APP = join(import.meta.dirname, "secret.app.ts");
const LOUD = { AFOOT_LOG_LEVEL: "trace" };

/** Marker in all secrets. */
const MARK = "s3cr3tXq";

async function afoot(...argv: readonly string[]): Promise<string> {
  const { stdout } = await run(process.execPath, ["--conditions=@afoot/source", MAIN, ...argv]);
  return stdout.trim();
}

/** Returns the output of `afoot start` until it exits or matches `until`. */
async function outputOf(flags: readonly string[], until = /$^/): Promise<string> {
  const argv = ["--conditions=@afoot/source", MAIN, "start", APP, "--port", "0", ...flags];
  const child = spawn(process.execPath, argv, {
    stdio: ["ignore", "pipe", "pipe"],
    env: { ...process.env, ...LOUD },
  });
  let output = "";
  const add = (text: string): void => {
    output += text;
    if (until.test(output)) child.kill("SIGTERM");
  };
  child.stdout.setEncoding("utf8").on("data", add);
  child.stderr.setEncoding("utf8").on("data", add);
  await once(child, "close");
  return output;
}

describe("afoot start --keys", () => {
  it("accepts a key on any address until it is removed, and writes no secret anywhere", async () => {
    await using folder = await temporaryFolder();
    const file = join(folder.path, "keys.json");
    await assert.rejects(
      afoot("start", APP, "--keys", file, "--store", `sqlite:${folder.path}/none.db`),
      /has no keys yet; create the first: afoot keys add NAME/,
    );
    const key = await afoot("keys", "add", "ann", "--keys", file);
    const bobs = await afoot("keys", "add", "bob", "--keys", file);
    const flags = ["--keys", file, "--host", "0.0.0.0"];
    await using server = await startAfoot({ app: APP, folder: folder.path, environment: LOUD, flags });
    const origin = server.origin.replace("0.0.0.0", "127.0.0.1");

    await storm(origin, key);
    const reply = await fetch(`${origin}/api/databases`, { headers: { authorization: `Bearer ${key}` } });
    assert.equal(reply.status, 200);
    assert.doesNotMatch(await reply.text(), new RegExp(MARK));

    const [ann] = JSON.parse(await afoot("keys", "list", "--json", "--keys", file)) as { id: string }[];
    await afoot("keys", "remove", ann?.id ?? "", "--keys", file);
    const status = async (with_: string): Promise<number> => {
      const response = await fetch(`${origin}/api/databases`, { headers: { authorization: `Bearer ${with_}` } });
      await response.body?.cancel();
      return response.status;
    };
    await eventually("the removed key to be refused", async () => (await status(key)) === 401);
    assert.equal(await status(bobs), 200, "what others have goes on");

    assert.equal(await server.stop(), 0);
    const log = server.log();
    assert.match(log, /there is no room/, "what failed is logged");
    assert.doesNotMatch(log, new RegExp(MARK));
    for (const each of [key, bobs]) assert.ok(!log.includes(each));
    for (const name of await readdir(folder.path)) {
      const bytes = await readFile(join(folder.path, name));
      for (const each of [key, bobs]) assert.ok(!bytes.includes(each), `${name} holds a key`);
    }
  });
});

/** Sends valid and invalid requests of all kinds that contain secrets. */
async function storm(origin: string, key: string): Promise<void> {
  const good = { authorization: `Bearer ${key}`, "content-type": "application/json" };
  const secret = `${MARK}-password`;
  const credentials = [
    good,
    {},
    { authorization: `Bearer ${MARK}.${MARK}.${MARK}` },
    { authorization: `Basic ${Buffer.from(`${MARK}:${MARK}`).toString("base64")}` },
    { authorization: `Basic ${MARK}` },
    { authorization: MARK, cookie: `session=${MARK}`, "x-api-key": MARK, "proxy-authorization": MARK },
  ];
  const bodies = [
    JSON.stringify({ configuration: { size: "1GB", password: secret } }),
    JSON.stringify({ configuration: { size: "bad", password: secret } }),
    JSON.stringify({ configuration: { size: 1, password: secret } }),
    JSON.stringify({ configuration: { size: "1GB", password: { [MARK]: secret } } }),
    JSON.stringify({ configuration: { password: [secret] }, [MARK]: 1 }),
    `{"configuration": ${MARK}`,
    `{"configuration": {"password": "${MARK}", "password": "${MARK}"}}`,
    JSON.stringify([{ specversion: "1.0", data: MARK }]),
  ];
  const paths = ["/api/databases", "/api/messages", "/api/worker/claim", `/${MARK}`].map(
    (path) => `${path}?access_token=${MARK}`,
  );
  const sent = [...paths, "/api/databases"].flatMap((path) =>
    credentials.flatMap((headers) => bodies.map((body) => ({ path, headers, body }))),
  );
  const ids: string[] = [];
  await Promise.all(
    sent.map(async ({ path, headers, body }) => {
      const response = await fetch(origin + path, { method: "POST", headers: { ...good, ...headers }, body });
      const text = await response.text();
      if (response.status === 202) {
        assert.doesNotMatch(text, new RegExp(MARK));
        ids.push(response.headers.get("location") ?? "");
      }
      assert.ok(response.status < 500, text);
    }),
  );
  assert.ok(ids.length > 0);
  await Promise.all(
    ids.flatMap((path) =>
      ["", "/history"].map(async (member) => {
        const headers = { ...good, prefer: "wait=10", "if-match": `"${MARK}"` };
        const read = await fetch(origin + path + member, { headers: member === "" ? headers : good });
        assert.doesNotMatch(await read.text(), new RegExp(MARK), path + member);
        await fetch(origin + path, {
          method: "PATCH",
          headers: good,
          body: JSON.stringify({ configuration: { password: `${MARK}-other` } }),
        });
      }),
    ),
  );
  // Input that is not HTTP.
  const socket = connect(Number(new URL(origin).port), "127.0.0.1");
  socket.end(`GET /api/databases HTTP/1.1\r\nHost: x\r\nAuthorization Bearer ${MARK}\r\n\r\n`);
  socket.resume();
  await once(socket, "close");
}

describe("a password in a URL", () => {
  it("is not logged if the store or broker is unreachable or the URL is invalid", async () => {
    await using folder = await temporaryFolder();
    const port = await freePort();
    const sqlite = `sqlite:${join(folder.path, "afoot.db")}`;
    const outputs = await Promise.all([
      outputOf(["--store", `postgres://afoot:${MARK}@127.0.0.1:${port}/afoot`]),
      outputOf(["--store", `postgres://afoot:${MARK}@127.0.0.1:99999/afoot`]),
      outputOf(["--store", `mysql://afoot:${MARK}@127.0.0.1/afoot`]),
      outputOf(["--store", sqlite, "--broker", `nats://afoot:${MARK}@127.0.0.1:${port}`], /Afoot serves/),
      outputOf(["--store", `${sqlite}2`, "--broker", `nats://afoot:${MARK}@127.0.0.1:99999`], /Afoot serves/),
      outputOf(["--store", sqlite, "--broker", `amqp://afoot:${MARK}@127.0.0.1`]),
    ]);
    for (const output of outputs) {
      assert.ok(output.length > 40, output);
      assert.doesNotMatch(output, new RegExp(MARK));
    }
  });
});
