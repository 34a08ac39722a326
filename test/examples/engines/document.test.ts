import assert from "node:assert/strict";
import { globSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { it } from "node:test";

const ROOT = resolve(import.meta.dirname, "../../..");
const MAX_LINES = 80;

it("docs/engines.md quotes the example files exactly, and each example has at most 80 lines", async () => {
  const page = await readFile(join(ROOT, "docs/engines.md"), "utf8");
  const blocks = [...page.matchAll(/^```(?:ts|python)\n([^]*?)^```$/gm)].map(([, code = ""]) => code);
  const quoted = new Set<string>();
  for (const block of blocks) {
    const [first = ""] = block.split("\n", 1);
    const path = /^(?:\/\/|#) (examples\/engines\/\S+)$/.exec(first)?.[1];
    assert.ok(path !== undefined, `a block does not name its file: ${first}`);
    quoted.add(path);
    const text = await readFile(join(ROOT, path), "utf8");
    const lines = block.slice(first.length + 1);
    // "..." stands for lines that are left out.
    for (const part of lines.split(/^\s*(?:\/\/|#) \.\.\.\n/m)) {
      assert.ok(text.includes(part), `${path} has no\n${part}`);
    }
  }
  for (const path of globSync("examples/engines/**/*.{ts,py}", { cwd: ROOT })) {
    const lines = (await readFile(join(ROOT, path), "utf8")).split("\n").length - 1;
    assert.ok(lines <= MAX_LINES, `${path} has ${lines} lines`);
    assert.ok(quoted.has(path), `${path} is not in docs/engines.md`);
  }
});
