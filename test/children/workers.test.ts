import assert from "node:assert/strict";
import { join } from "node:path";
import { it } from "node:test";
import { startAfoot, temporaryFolder } from "../support/afoot-process.ts";
import { followed, send } from "../support/exchange.ts";
import { natsMissing, startNats } from "../support/nats.ts";

const app = join(import.meta.dirname, "families/app.ts");

it("wait for their children in workers of other processes", { skip: natsMissing() }, async () => {
  await using folder = await temporaryFolder();
  await using nats = await startNats();
  const start = (role: "server" | "worker") =>
    startAfoot({
      app,
      folder: folder.path,
      flags: ["--role", role, "--broker", nats.url],
      environment: { FAULTS_LEDGER: join(folder.path, "ledger.jsonl") },
    });
  await using server = await start("server");
  await using worker = await start("worker");
  const create = async (does: string): Promise<string> => {
    const { headers } = await send(`${server.origin}/api/families`, "POST", { configuration: { does, ms: 5 } });
    return server.origin + (headers.get("Location") ?? "");
  };
  const [grown, failed] = await Promise.all([create("grows"), create("fails")]);
  assert.equal((await followed(grown)).at(-1)?.body["status"], "Whole");
  assert.equal((await followed(failed)).at(-1)?.body["status"], "Broken");
  for (const { log } of [server, worker]) assert.doesNotMatch(log(), /invalid-message|not answered/);
});
