import assert from "node:assert/strict";
import { join } from "node:path";
import { describe, it } from "node:test";
import { startAfoot, temporaryFolder } from "../support/afoot-process.ts";
import { followed, send } from "../support/exchange.ts";

const app = join(import.meta.dirname, "../../examples/app.ts");
const configuration = { os: "Linux", ram: "16GB", storage: "256GB SSD" };

describe("the pattern, by the command line", () => {
  it("accepts, shows progress and time remaining, and ends with the result", async () => {
    await using folder = await temporaryFolder();
    await using server = await startAfoot({ app, folder: folder.path, environment: { AFOOT_DEMO_PACE: "0.02" } });
    const accepted = await send(`${server.origin}/api/virtual-machines`, "POST", { configuration });
    assert.equal(accepted.status, 202);
    assert.ok(accepted.headers.has("Retry-After"));
    const location = accepted.headers.get("Location") ?? "";
    assert.match(location, /^\/api\/virtual-machines\/[a-z0-9]+$/);
    assert.deepEqual(accepted.body["configuration"], configuration);

    const states = await followed(server.origin + location);
    const last = states.at(-1)?.body ?? {};
    const { id, IPAddress } = last;
    assert.deepEqual(last, { id, status: "Ready", configuration, IPAddress });
    assert.match(String(IPAddress), /^192\.168\.1\.\d+$/);

    const underWay = states.filter(({ body }) => "progress" in body && "estimatedTimeRemaining" in body);
    assert.ok(underWay.length > 0, "no representation showed progress and time remaining");
    for (const { body, headers } of underWay) {
      assert.equal(body["status"], "Provisioning");
      assert.match(String(body["progress"]), /^\d{1,2}%$/);
      assert.match(String(body["estimatedTimeRemaining"]), /^\d+ (?:second|minute)s?$/);
      assert.ok(headers.has("Retry-After"));
    }
    assert.equal(await server.stop(), 0);
  });

  it("goes on after SIGKILL in the middle, without a call from anybody", async () => {
    await using folder = await temporaryFolder();
    const environment = { AFOOT_DEMO_PACE: "0.02" };
    await using first = await startAfoot({ app, folder: folder.path, environment });
    const { headers } = await send(`${first.origin}/api/virtual-machines`, "POST", { configuration });
    const location = headers.get("Location") ?? "";
    await send(first.origin + location, "GET", undefined, { Prefer: "wait=1" });
    await first.kill();

    await using second = await startAfoot({ app, folder: folder.path, environment });
    const states = await followed(second.origin + location);
    assert.equal(states.at(-1)?.body["status"], "Ready");
    const history = await send(`${second.origin}${location}/history`, "GET");
    assert.match(JSON.stringify(history.body), /worker-lost/);
  });
});
