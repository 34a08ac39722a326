import assert from "node:assert/strict";
import { join } from "node:path";
import { test } from "node:test";
import { sqliteStore } from "../../src/stores/sqlite/index.ts";
import { temporaryFolder } from "../support/afoot-process.ts";
import app from "./app.ts";

test("an app with a path in its public URL still reaches itself, without the prefix", async () => {
  await using folder = await temporaryFolder();
  const store = sqliteStore({ path: join(folder.path, "afoot.db") });
  await app.start({ store, publicUrl: "https://api.example.com/svc" });
  try {
    const handle = await app.reports.create({ title: "Costs" });
    assert.equal((await handle.settled()).pages, 7);
    const listed = await app.fetch(new Request("http://localhost/api/reports"));
    assert.equal(listed.status, 200);
    const created = await app.fetch(
      new Request("http://localhost/api/reports", {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: JSON.stringify({ configuration: { title: "Costs" } }),
      }),
    );
    assert.match(created.headers.get("location") ?? "", /^\/svc\/api\/reports\/[0-9a-z]+$/);
    const operation = created.headers.get("operation-location") ?? "";
    assert.match(operation, /^https:\/\/api\.example\.com\/svc\/api\/operations\/[0-9a-z]+\?resource=reports\//);
  } finally {
    await app.close();
  }
});

test("an invalid public URL is rejected at the start, and the app can be started again", async () => {
  await using folder = await temporaryFolder();
  const store = sqliteStore({ path: join(folder.path, "afoot.db") });
  await assert.rejects(app.start({ store, publicUrl: "api.example.com" }), {
    name: "DefinitionError",
    message: /^app\.start: publicUrl: "api\.example\.com" is not an http or https origin/,
  });
  await app.start({ store });
  assert.equal(app.options.publicUrl, undefined);
  await app.close();
});
