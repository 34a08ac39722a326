import assert from "node:assert/strict";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { it } from "node:test";
import type { ResourceType } from "../../src/core/definition/resource-type.ts";

const ROOT = resolve(import.meta.dirname, "../..");

it("the example of docs/turns.md declares what the page says", async () => {
  const page = await readFile(join(ROOT, "docs/turns.md"), "utf8");
  const [, code = ""] = /```ts\n(.*?)```/s.exec(page) ?? [];
  // Below the package, so that its name resolves to its sources.
  const folder = await mkdtemp(join(import.meta.dirname, "docs-"));
  try {
    await writeFile(join(folder, "type.ts"), code);
    const { importJob } = (await import(join(folder, "type.ts"))) as { readonly importJob: ResourceType };
    assert.equal(importJob.policy.turnLimit, 2);
    assert.equal(importJob.turnOf?.({ owner: "", configuration: { region: "eu", file: "a" } }), "eu");
    assert.equal(importJob.representation.queuePosition, true);
  } finally {
    await rm(folder, { recursive: true });
  }
});
