import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { it } from "node:test";
import type { App } from "afoot";
import { signatureHeaders } from "../../src/server/webhooks/signature.ts";

const ROOT = resolve(import.meta.dirname, "../..");

interface Page {
  readonly app: App;
  readonly verify: (body: string, headers: Record<string, string>, secret: string) => unknown;
}

it("the code of docs/webhooks.md declares receivers, and verifies a request by three libraries", async () => {
  const page = await readFile(join(ROOT, "docs/webhooks.md"), "utf8");
  const blocks = [...page.matchAll(/```ts\n(.*?)```/gs)].map(([, code = ""]) => code);
  // Below the package, so that its name resolves to its sources.
  const folder = await mkdtemp(join(import.meta.dirname, "docs-"));
  process.env["WEBHOOK_SECRET_APP"] = `whsec_${randomBytes(32).toString("base64")}`;
  try {
    const modules = await Promise.all(
      blocks.map(async (code, index) => {
        const file = join(folder, `block-${index}.ts`);
        await writeFile(file, code);
        return (await import(file)) as Page;
      }),
    );
    const [declared, ...verifying] = modules;
    assert.ok(declared !== undefined);
    const { app } = declared;
    assert.deepEqual(app.types[0]?.policy.webhooks, { urls: ["https://hooks.example.com/afoot"], perResource: true });
    assert.equal(verifying.length, 3);
    const [present, next] = ["a", "b"].map((text) => `whsec_${Buffer.alloc(24, text).toString("base64")}`);
    assert.ok(present !== undefined && next !== undefined);
    const body = '{"type":"report.settled"}';
    const message = { id: "msg_1", timestamp: Math.floor(Date.now() / 1000), body };
    const headers = signatureHeaders([next, present], message);
    for (const { verify } of verifying) {
      assert.deepEqual(await verify(body, headers, present), JSON.parse(body));
      assert.deepEqual(await verify(body, headers, next), JSON.parse(body));
      await assert.rejects(async () => verify(`${body} `, headers, present));
    }
  } finally {
    await rm(folder, { recursive: true });
  }
});
