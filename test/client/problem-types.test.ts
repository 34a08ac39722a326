import assert from "node:assert/strict";
import { join } from "node:path";
import { describe, it } from "node:test";
import { z } from "zod";
import { createApp } from "../../src/app/create-app.ts";
import { createHost } from "../../src/cli/start/host.ts";
import { createClient, ProblemError, ResourceFailedError } from "../../src/client/index.ts";
import { defineResource } from "../../src/core/definition/define-resource.ts";
import { PermanentError } from "../../src/core/errors.ts";
import { silentLog } from "../../src/core/ports/log.ts";
import { sqliteStore } from "../../src/stores/sqlite/index.ts";
import { listen, sendTo } from "../http/harness/mounts.ts";
import { temporaryFolder } from "../support/afoot-process.ts";
import { parseObject } from "../support/json.ts";

const PROBLEM_TYPES = "https://docs.example.com/errors/";

const disk = defineResource({
  name: "disk",
  configuration: z.object({ size: z.number() }),
  details: z.object({}),
  statuses: { ready: "Ready" },
  create: {
    status: "Formatting",
    async work() {
      throw new PermanentError("The disk is full.", { code: "no-capacity" });
    },
  },
});

describe("an app with pages about its errors", () => {
  it("links to them in problems and errors, by codes that the client reads as always", async () => {
    await using folder = await temporaryFolder();
    const app = createApp({ resources: [disk], problemTypes: PROBLEM_TYPES });
    await app.start({ store: sqliteStore({ path: join(folder.path, "afoot.db") }) });
    const server = await createHost(app, { log: silentLog, open: false });
    try {
      const port = await listen(server);
      const api = createClient<typeof app>(`http://127.0.0.1:${port}/api`);
      const created = await api.disks.create({ size: 1 });
      const failed = await created.settled().catch((error: unknown) => error);
      assert.ok(failed instanceof ResourceFailedError);
      assert.equal(failed.code, "no-capacity");
      const send = sendTo(port);
      const shown = await send({ path: new URL(created.url).pathname });
      assert.ok(shown.text.includes(`"error":{"type":"${PROBLEM_TYPES}no-capacity"`), shown.text);

      const refused = await created.cancel().catch((error: unknown) => error);
      assert.ok(refused instanceof ProblemError);
      assert.equal(refused.code, "settled");
      assert.equal(refused.problem.type, `${PROBLEM_TYPES}settled`);

      // Pages beside the API, and requests that are rejected before it.
      const beside = await Promise.all([
        send({ path: "/nowhere" }),
        send({ path: "/", headers: { host: "evil.test" } }),
      ]);
      assert.deepEqual(
        beside.map(({ text }) => parseObject(text)["type"]),
        [`${PROBLEM_TYPES}not-found`, `${PROBLEM_TYPES}forbidden`],
      );
    } finally {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
      await app.close();
    }
  });
});
