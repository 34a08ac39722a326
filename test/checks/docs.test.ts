import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { describe, it } from "node:test";
import { listPages, readShelves } from "../../scripts/docs/pages.ts";
import { HOUSES } from "../../scripts/rooms.mjs";

const ROOT = resolve(import.meta.dirname, "../..");
const PAGES = execFileSync("git", ["ls-files", "*.md"], { cwd: ROOT, encoding: "utf8" }).trim().split("\n");

/** Folder that a benchmark creates. */
const GENERATED = "bench/results/";

/** Returns the Markdown text of a page without its code blocks. */
function proseOf(page: string): string {
  return readFileSync(join(ROOT, page), "utf8").replaceAll(/^```[^]*?^```$/gm, "");
}

/** Returns the anchors of a page's headings, as GitHub generates them. */
function anchorsOf(page: string): readonly string[] {
  return [...proseOf(page).matchAll(/^#+ (.+)$/gm)].map(([, heading = ""]) =>
    heading
      .toLowerCase()
      .replaceAll(/[^\w\s-]/g, "")
      .replaceAll(" ", "-"),
  );
}

describe("documents", () => {
  for (const page of PAGES) {
    it(`${page}: links lead to existing files and headings`, () => {
      const broken = [...proseOf(page).matchAll(/\]\((?!https?:)([^)#\s]*)(?:#([^)\s]+))?\)/g)].flatMap(
        ([link, path = "", anchor]) => {
          const target = path === "" ? page : join(dirname(page), path);
          if (!existsSync(join(ROOT, target))) return [link];
          return anchor === undefined || anchorsOf(target).includes(anchor) ? [] : [link];
        },
      );
      assert.deepEqual(broken, []);
    });

    it(`${page}: paths of the repository exist`, () => {
      const paths = [...proseOf(page).matchAll(/`((?:src|test|bench|scripts|examples)\/[\w./-]+)`/g)];
      const missing = paths
        .map(([, path = ""]) => path)
        .filter((path) => path !== GENERATED && !existsSync(join(ROOT, path)));
      assert.deepEqual(missing, []);
    });
  }
});

describe("docs/index.md", () => {
  it("names every page of docs once, and only pages that exist", () => {
    const named = listPages(readShelves(ROOT)).map(({ path }) => path);
    const pages = PAGES.filter((page) => page.startsWith("docs/") && page !== "docs/index.md");
    assert.deepEqual(named.filter((path) => path.startsWith("docs/")).toSorted(), pages.toSorted());
    assert.deepEqual(
      named.filter((path) => !PAGES.includes(path)),
      [],
    );
  });
});

describe("docs/architecture.md", () => {
  const text = readFileSync(join(ROOT, "docs/architecture.md"), "utf8");

  it("shows every folder directly below src, and no other", () => {
    const tree = /^```\nsrc\/\n([^]*?)^```$/m.exec(text)?.[1] ?? "";
    const shown = [...tree.matchAll(/^ {2}(\w+)\/(?: |$)/gm)].map(([, name = ""]) => name);
    const folders = readdirSync(join(ROOT, "src"), { withFileTypes: true }).filter((entry) => entry.isDirectory());
    assert.deepEqual(new Set(shown), new Set(folders.map(({ name }) => name)));
  });

  it("shows the floor of every room of the server", () => {
    const shown = [...text.matchAll(/^\| (\d+) +\| (.+?) +\| .+\|$/gm)].flatMap(([, floor, rooms = ""]) =>
      [...rooms.matchAll(/`([^`]+)`/g)].map(([, room]) => `${floor} ${room}`),
    );
    const floors = HOUSES["server"]?.floors ?? [];
    const rooms = floors.flatMap((names, index) => names.map((name) => `${index + 1} ${name}`));
    const root = `${floors.length} .`;
    const entries = ["server.ts", "index.ts"].map((file) => `${floors.length} ${file}`);
    assert.deepEqual(shown.toSorted(), rooms.flatMap((room) => (room === root ? entries : [room])).toSorted());
  });
});
