import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { describe, it } from "node:test";
import { type AfootProcess, startAfoot, temporaryFolder } from "../support/afoot-process.ts";
import { eventually } from "../support/eventually.ts";
import { followed, send } from "../support/exchange.ts";
import { natsMissing, startNats } from "../support/nats.ts";

const EXAMPLES = join(import.meta.dirname, "../../examples/workers");
const app = join(EXAMPLES, "app.ts");
const text = "It was the best of times, it was the worst of times";

function pythonMissing(): string | false {
  if (process.env["CI"] === "true") return false;
  return spawnSync("python3", ["--version"]).error === undefined ? false : "python3 is not on the PATH";
}

interface WorkerProcess extends AsyncDisposable {
  /** Sends SIGTERM. Resolves to the exit code. */
  readonly stop: () => Promise<unknown>;
}

/** A worker in its own process. */
function startWorker(command: string, file: string, url: string): WorkerProcess {
  const child = spawn(command, [join(EXAMPLES, file), url], { stdio: ["ignore", "inherit", "inherit"] });
  const ended = once(child, "exit");
  const end = async (signal: NodeJS.Signals): Promise<unknown> => {
    child.kill(signal);
    return (await ended)[0];
  };
  return { stop: () => end("SIGTERM"), [Symbol.asyncDispose]: async () => void (await end("SIGKILL")) };
}

async function create(server: AfootProcess, words: string): Promise<string> {
  const { headers } = await send(`${server.origin}/api/word-counts`, "POST", { configuration: { text: words } });
  return server.origin + (headers.get("Location") ?? "");
}

/** Follows a resource to the end and checks the states on the way. */
async function counted(url: string): Promise<void> {
  const states = (await followed(url)).map(({ body }) => body);
  const last = states.at(-1) ?? {};
  assert.deepEqual({ status: last["status"], words: last["words"] }, { status: "Counted", words: 12 });
  assert.ok(
    states.some(({ status, progress }) => status === "Counting" && /^[1-9]\d?%$/.test(String(progress))),
    "no progress was seen",
  );
}

async function lifeOf(server: AfootProcess, start: () => WorkerProcess): Promise<void> {
  await using first = start();
  await counted(await create(server, text));

  // A worker that is stopped in the middle hands its operation back, and the next worker continues it.
  const long = await create(server, Array.from({ length: 200 }, () => "word").join(" "));
  await claimed(long);
  assert.equal(await first.stop(), 0);
  await using second = start();
  await claimed(long, 2);
  await send(`${long}/cancel`, "POST");
  const states = await followed(long);
  assert.equal(states.at(-1)?.body["status"], "Cancelled");
  const last = await create(server, text);
  await counted(last);
  assert.equal(await second.stop(), 0);
}

/** Waits until an attempt of the operation runs. */
async function claimed(url: string, attempt = 1): Promise<void> {
  await eventually(`attempt ${attempt} of ${url} to be claimed`, async () => {
    const history = JSON.stringify((await send(`${url}/history`, "GET")).body);
    return history.split('"claimed"').length > attempt;
  });
}

describe("the examples of workers in other languages", () => {
  it("worker.py, over HTTP", { skip: pythonMissing() }, async () => {
    await using folder = await temporaryFolder();
    await using server = await startAfoot({ app, folder: folder.path, flags: ["--role", "server"] });
    await lifeOf(server, () => startWorker("python3", "worker.py", `${server.origin}/api`));
  });

  it("worker.mjs, over NATS", { skip: natsMissing() }, async () => {
    await using nats = await startNats();
    await using folder = await temporaryFolder();
    await using server = await startAfoot({
      app,
      folder: folder.path,
      flags: ["--role", "server", "--broker", nats.url],
    });
    await lifeOf(server, () => startWorker(process.execPath, "worker.mjs", nats.url));
  });
});
