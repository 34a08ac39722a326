import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { after, before, describe, it } from "node:test";
import { parseObject } from "../support/json.ts";
import { OUTCOMES, startServer } from "./server.ts";

const EXPECTED = {
  succeeded: { status: "Ready", IPAddress: "192.168.1.10", starts: 0 },
  failed: { status: "Failed", error: { code: "not-approved" } },
  cancelled: { status: "Cancelled", error: { code: "cancelled" } },
};

const missing =
  process.env["CI"] !== "true" && spawnSync("curl", ["--version"]).error !== undefined
    ? "curl is not on the PATH; install it, on Debian: apt-get install curl"
    : false;

describe("curl, in the shell loop of docs/clients.md", { skip: missing, concurrency: true, timeout: 120_000 }, () => {
  const starting = missing === false ? startServer() : undefined;
  let loop = "";
  before(async () => {
    const guide = await readFile(join(import.meta.dirname, "../../docs/clients.md"), "utf8");
    loop = /```sh\n(follow\(\).*?)```/s.exec(guide)?.[1] ?? "";
  });
  after(async () => (await starting)?.[Symbol.asyncDispose]());

  OUTCOMES.forEach((outcome) => {
    it(`follows a resource until it is ${outcome}`, async () => {
      const server = (await starting) ?? assert.fail("no server");
      const path = await server.create();
      const following = spawn("sh", ["-xc", `${loop}\nfollow "$1"`, "sh", server.origin + path]);
      const printed = text(following.stdout);
      const slept = Promise.withResolvers<void>();
      following.stderr.setEncoding("utf8").on("data", (trace: string) => {
        if (/^\++ sleep \d+$/m.test(trace)) slept.resolve();
      });
      await slept.promise;
      await server.end(path, outcome);
      assert.partialDeepStrictEqual(parseObject(await printed), EXPECTED[outcome]);
    });
  });

  it("ends with curl's own exit code where there is nothing to follow", async () => {
    const server = (await starting) ?? assert.fail("no server");
    const following = spawn("sh", ["-c", `${loop}\nfollow "$1"`, "sh", `${server.origin}/api/machines/nothing`]);
    const complaint = text(following.stderr);
    assert.deepEqual(await once(following, "exit"), [22, null]);
    assert.match(await complaint, /404/);
  });
});
