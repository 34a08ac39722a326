import assert from "node:assert/strict";
import { join } from "node:path";
import { it } from "node:test";
import { createApp } from "../../src/app/create-app.ts";
import { silentLog } from "../../src/core/ports/log.ts";
import { sqliteStore } from "../../src/stores/sqlite/index.ts";
import { temporaryFolder } from "../support/afoot-process.ts";
import secretApp from "./secret.app.ts";

it("a search does not match redacted fields, and does not reveal their content", async () => {
  await using folder = await temporaryFolder();
  const app = createApp({ resources: secretApp.types });
  await app.start({ store: sqliteStore({ path: join(folder.path, "afoot.db") }), log: silentLog, role: "server" });
  try {
    const send = (path: string, init: RequestInit = {}): Promise<Response> =>
      app.fetch(new Request(`http://localhost/api/${path}`, init));
    for (const size of ["first", "second", "third"]) {
      const body = JSON.stringify({ configuration: { size, password: `hunter22-${size}` } });
      await send("databases", { method: "POST", headers: { "content-type": "application/json" }, body });
    }
    const search = async (text: string, limit: number): Promise<string> =>
      (await send(`dashboard/resources?text=${text}&limit=${limit}`)).text();
    for (const limit of [1, 2, 3, 100]) {
      const empty = await search("stands-nowhere", limit);
      assert.equal(empty, '{"items":[]}');
      for (const text of ["hunter22", "unte", "22-second", "password"]) {
        assert.equal(await search(text, limit), empty, `${text}, ${limit} at a time`);
      }
    }
    const sizes: string[] = [];
    let after = "";
    do {
      const page = JSON.parse(await (await send(`dashboard/resources?text=ir&limit=1${after}`)).text()) as {
        items: { id: string }[];
        next?: string;
      };
      sizes.push(...page.items.map(({ id }) => id));
      after = page.next === undefined ? "" : `&after=${page.next}`;
    } while (after !== "");
    assert.equal(new Set(sizes).size, 2, "what is shown is found, page by page");
  } finally {
    await app.close();
  }
});
