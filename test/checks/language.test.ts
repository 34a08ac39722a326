import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { findFault, passagesOf } from "../../scripts/check-language.mjs";

function rulesOf(path: string, text: string): (1 | 2)[] {
  return passagesOf(path, text).flatMap((passage) => findFault(passage)?.rule ?? []);
}

describe("check:language", () => {
  for (const opener of ["What", "Who", "Whether", "How", "By", "Of", "Where", "As"]) {
    it(`finds a doc comment that starts with ${opener}`, () => {
      assert.deepEqual(rulesOf("src/a.ts", `/** ${opener} a store keeps. */\nexport const a = 1;\n`), [1]);
      assert.deepEqual(
        rulesOf("src/a.ts", `interface A {\n  /**\n   * ${opener} long.\n   */\n  readonly b: string;\n}\n`),
        [1],
      );
    });
  }

  for (const sentence of [
    "The key is shown to nobody else.",
    "It runs. What is due is claimed.",
    "Whoever holds the lease writes.",
    "Somebody else's resource is hidden.",
    "It waits. Who is late is dropped.",
    "He decides about it.",
    "Others wait for the lock.",
    "Those that wait are woken.",
    "One that waits is woken.",
    "The server answers those who wait.",
  ]) {
    it(`finds the subject of ${JSON.stringify(sentence)}`, () => {
      assert.deepEqual(
        rulesOf("src/a.ts", `/** Returns a row. ${sentence} */\nexport const a = 1;\n`),
        [2],
        "in a doc comment",
      );
      assert.deepEqual(rulesOf("src/a.ts", `export const a = 1; // ${sentence}\n`), [2], "in a comment");
      assert.deepEqual(rulesOf("src/a.ts", `log.warn(${JSON.stringify(sentence)});\n`), [2], "in a message");
      assert.deepEqual(rulesOf("src/a.ts", `log.warn(\`\${id}: ${sentence} \${rest}\`);\n`), [2], "in a template");
      assert.deepEqual(rulesOf("src/a.tsx", `export const a = <p>{1} ${sentence}</p>;\n`), [2], "on a page");
      assert.deepEqual(rulesOf("docs/a.md", `# Title\n\n${sentence}\n`), [2], "in a document");
      assert.deepEqual(rulesOf("docs/a.md", `| a | b |\n| --- | --- |\n| row | ${sentence} |\n`), [2], "in a table");
    });
  }

  it("passes plain sentences, code and titles of tests", () => {
    const plain =
      "/** Returns the rows that are due, at most `limit`. */\nexport const a = 1; // One row for each attempt.\n";
    assert.deepEqual(rulesOf("src/a.ts", plain), []);
    assert.deepEqual(rulesOf("src/a.ts", 'const what = "what is this"; const who = what;\n'), []);
    assert.deepEqual(
      rulesOf("docs/a.md", "Run this:\n\n```\n# What nobody reads\n```\n\nThen `What is it` is printed.\n"),
      [],
    );
    assert.deepEqual(rulesOf("src/a.test.ts", 'it("believes nobody who says undone", () => {});\n'), []);
  });

  it("names the line", () => {
    const [passage] = passagesOf("src/a.ts", "const a = 1;\n\n/** What a store keeps. */\nconst b = 2;\n");
    assert.equal(passage?.line, 3);
  });
});
