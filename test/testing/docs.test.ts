import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { after, before, describe, it } from "node:test";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { checkResource } from "afoot/testing";
import { services } from "../../examples/orders/call.ts";
import { order } from "../../examples/orders/order.ts";

const ROOT = resolve(import.meta.dirname, "../..");
const EXAMPLE = join(ROOT, "test/examples/orders/check.test.ts");

const run = promisify(execFile);

describe("docs/testing.md", () => {
  let folder = "";
  before(async () => {
    folder = await mkdtemp(join(import.meta.dirname, "vitest-"));
  });
  after(() => rm(folder, { recursive: true, force: true }));

  it("shows the test of the order example", async () => {
    const page = await readFile(join(ROOT, "docs/testing.md"), "utf8");
    const code = (await readFile(EXAMPLE, "utf8")).replaceAll("../../../examples/orders/", "./");
    assert.ok(page.includes(`\`\`\`ts\n${code}\`\`\``), "the code block differs from the test of the example");
  });

  it("shows a test of one operation that passes", async () => {
    const page = await readFile(join(ROOT, "docs/testing.md"), "utf8");
    const [, example = ""] = /## One operation\n\n```ts\n([^]*?)```/.exec(page) ?? [];
    const path = join(folder, "letter.test.ts");
    await writeFile(path, example);
    const argv = ["--conditions=@afoot/source", "--test", "--test-reporter=tap", path];
    const { stdout } = await run(process.execPath, argv, { env: { ...process.env, NODE_TEST_CONTEXT: undefined } });
    assert.match(stdout, /^# pass 2$/m);
  });

  it("names every kind of finding", async () => {
    const page = await readFile(join(ROOT, "docs/testing.md"), "utf8");
    const sources = await Promise.all(
      ["check-resource", "effects", "judge", "observed-work", "problems"].map((name) =>
        readFile(join(ROOT, `src/testing/check/${name}.ts`), "utf8"),
      ),
    );
    const kinds = sources.flatMap((source) =>
      [...source.matchAll(/(?:report\(|kind: |\? |: |\[)"([a-z]+(?:-[a-z]+)+)"/g)].map(([, kind = ""]) => kind),
    );
    assert.ok(kinds.length >= 14);
    assert.deepEqual(
      kinds.filter((kind) => !page.includes(`\`${kind}\``)),
      [],
    );
  });

  it("shows the message of a finding", async () => {
    const { findings } = await checkResource(order, ({ effects, send }) => {
      services.call = async (service, method, { idempotencyKey: key }) => {
        if (method === "DELETE") return key;
        effects.perform({ effect: service, key: undefined, lasting: true });
        await send(service, { key, done: "yes" });
        return key;
      };
      return { configuration: { item: "lamp" as const, quantity: 2, card: "tok_visa", address: "1 Main Street" } };
    });
    const page = (await readFile(join(ROOT, "docs/testing.md"), "utf8")).replaceAll("\n> ", " ");
    assert.ok(page.includes(findings[0]?.message ?? "none"), JSON.stringify(findings, null, 2));
  });

  it("holds in Vitest, too", async () => {
    const example = (await readFile(EXAMPLE, "utf8")).replace('from "node:test"', 'from "vitest"');
    await writeFile(join(folder, "order.test.ts"), example);
    await writeFile(
      join(folder, "vitest.config.mjs"),
      `const alias = { "afoot/testing": ${JSON.stringify(join(ROOT, "src/testing/index.ts"))}, afoot: ${JSON.stringify(join(ROOT, "src/index.ts"))} };
      export default { resolve: { alias } };`,
    );
    const vitest = join(dirname(fileURLToPath(import.meta.resolve("vitest/package.json"))), "vitest.mjs");
    const { stdout } = await run(process.execPath, [
      vitest,
      "run",
      "order.test.ts",
      "--root",
      folder,
      "--reporter",
      "tap-flat",
    ]);
    assert.deepEqual(stdout.match(/^(?:not )?ok/gm), ["ok", "ok"], stdout);
  });
});
