import assert from "node:assert/strict";
import { once } from "node:events";
import { join } from "node:path";
import { describe, it } from "node:test";
import { createApp } from "../../src/app/create-app.ts";
import { createHost } from "../../src/cli/start/host.ts";
import { silentLog } from "../../src/core/ports/log.ts";
import { sqliteStore } from "../../src/stores/sqlite/index.ts";
import { machine } from "../contract/types.ts";
import { listen, sendTo } from "../http/harness/mounts.ts";
import { temporaryFolder } from "../support/afoot-process.ts";
import { statusOf } from "../support/disguised-paths.ts";

const PATHS = ["/api/virtual-machines", "/docs/", "/openapi.json", "/readyz"];

/** Returns the response for a page whose host name resolves to this machine (DNS rebinding). */
async function statusesAs(host: string, { open = false, isAsked = false } = {}): Promise<number[]> {
  await using folder = await temporaryFolder();
  const authenticate = (): { id: string } => ({ id: "a" });
  const app = createApp({ resources: [machine], ...(isAsked ? { authenticate } : {}) });
  await app.start({ store: sqliteStore({ path: join(folder.path, "afoot.db") }) });
  const server = await createHost(app, { log: silentLog, open });
  try {
    const port = await listen(server);
    const send = sendTo(port);
    const responses = await Promise.all(PATHS.map((path) => send({ path, headers: { host } })));
    const refused = responses.filter(({ status }) => status === 403);
    for (const { text } of refused) assert.match(text, /only the host names localhost and 127\.0\.0\.1/);
    const second = await statusOf(port, "/api/virtual-machines", `Host: ${host}\r\n`);
    assert.equal(second, open || isAsked ? "200" : "403", "of two names, none is accepted");
    return responses.map(({ status }) => status);
  } finally {
    server.closeAllConnections();
    server.close();
    await once(server, "close");
    await app.close();
  }
}

describe("a server without authentication", () => {
  it("accepts only loopback host names", async () => {
    for (const host of ["localhost", "localhost:8080", "127.0.0.1:1", "127.8.9.1", "[::1]:80", "app.localhost"]) {
      assert.deepEqual(await statusesAs(host), [200, 200, 200, 200], host);
    }
    for (const host of ["evil.example.com", "localhost.evil.com:8080", "127.0.0.1.evil.com", "10.0.0.1"]) {
      assert.deepEqual(await statusesAs(host), [403, 403, 403, 403], host);
    }
  });

  it("accepts any host name with --open, or with authentication", async () => {
    assert.deepEqual(await statusesAs("api.example.com", { open: true }), [200, 200, 200, 200]);
    assert.deepEqual(await statusesAs("api.example.com", { isAsked: true }), [200, 200, 200, 200]);
  });
});
