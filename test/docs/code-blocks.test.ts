import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { existsSync, globSync } from "node:fs";
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { it } from "node:test";
import { type CodeBlock, codeBlocks, manifestsOf } from "../support/page-code.ts";

const ROOT = resolve(import.meta.dirname, "../..");
const PAGES = globSync(["README.md", "CONTRIBUTING.md", "docs/**/*.md", "examples/*/README.md"], {
  cwd: ROOT,
}).toSorted();

/** Modules that import files which a generator makes: test/generated-clients makes them, compiles and runs the modules. */
const GENERATED = new Set(["openapi-fetch.ts", "hey-api.ts", "orval.ts"]);

/** Pages whose unnamed modules continue each other, as one session does. */
const CONTINUED = new Set(["docs/clients.md"]);

/** Declarations that a page takes for granted, before each of its blocks. */
const PRELUDES: Readonly<Record<string, string>> = {
  "docs/background-processes.md": `import { defineResource } from "afoot"; import { z } from "zod";
    const configuration = z.object({ os: z.string() }); const details = z.object({ address: z.string() });
    declare const hypervisor: {
      start(configuration: object, key: string): Promise<string>; remove(key: string): Promise<void>;
      describe(id: string, signal: AbortSignal): Promise<{ state: string; percent: number; address: string }>;
    };`,
  "docs/dashboard.md": `declare const fastify: import("fastify").FastifyInstance; declare const app: import("afoot").App;`,
  "docs/stores.md": `import { mkdtemp, rm } from "node:fs/promises"; import { tmpdir } from "node:os"; import { join } from "node:path";
    import type { BrokerFixture } from "afoot/conformance";
    declare function myStore(folder: string): import("afoot/stores").Store;
    declare function startTransport(): Promise<{ readonly url: string; stop(): Promise<void> }>;
    declare function myBroker(url: string): Promise<BrokerFixture["server"] & BrokerFixture["worker"]>;`,
};

/** Files beside the blocks of a page. */
const FILES: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  "docs/access.md": {
    "business.ts": `export declare function totalOf(tenant: string, month: string): Promise<number>;
      interface User { readonly id: string; readonly tenant: string; readonly locale: string }
      export declare function userOf(token: string | undefined): Promise<User | undefined>;`,
  },
  "docs/hosts.md": { "report.ts": `export * from "../../../../../examples/hosts/report.ts";` },
  "docs/testing.md": {
    "call.ts": `export * from "../../../../../examples/orders/call.ts";`,
    "order.ts": `export * from "../../../../../examples/orders/order.ts";`,
  },
};

/** A block in these languages is a module, with or without a name. */
const LANGUAGES = new Set(["ts", "tsx"]);

it("the TypeScript of all pages has no type errors", async () => {
  const folder = await mkdtemp(join(import.meta.dirname, "types-"));
  try {
    const counts = await Promise.all(PAGES.map(async (page) => writeModules(page, folder)));
    assert.ok(counts.reduce((sum, count) => sum + count, 0) > 20, counts.join(" "));
    const compilerOptions = {
      jsx: "react-jsx",
      lib: ["es2025", "esnext.disposable", "dom"],
      noUnusedLocals: false,
      noUnusedParameters: false,
    };
    const project = { extends: join(ROOT, "tsconfig.json"), compilerOptions, include: ["**/*"], exclude: [] };
    await writeFile(join(folder, "tsconfig.json"), JSON.stringify(project));
    const tsc = join(ROOT, "node_modules/typescript/bin/tsc");
    const { stdout, status } = spawnSync(process.execPath, [tsc, "-p", folder], { encoding: "utf8" });
    assert.equal(status, 0, stdout);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
});

/** Writes the modules of a page. A name that is used again begins a new version of the project. Returns their number. */
async function writeModules(page: string, parent: string): Promise<number> {
  const blocks = codeBlocks(await readFile(join(ROOT, page), "utf8")).filter(
    (block) =>
      LANGUAGES.has(block.language) &&
      block.unchecked === undefined &&
      !isExcerpt(block) &&
      !GENERATED.has(block.file ?? ""),
  );
  const modules = CONTINUED.has(page) ? joined(blocks) : blocks;
  const written = new Set<string>();
  let version = 1;
  for (const [index, { language, text, file = `block-${index}.${language}` }] of modules.entries()) {
    if (written.has(file)) {
      version++;
      written.clear();
    }
    written.add(file);
    const path = join(parent, page.replaceAll(/\W/g, "-"), `${version}`, file);
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, `${PRELUDES[page] ?? ""}\n${text}\nexport {};\n`);
    for (const [name, content] of Object.entries(FILES[page] ?? {})) {
      await writeFile(join(dirname(path), name), content);
    }
  }
  await writeManifests(page, parent);
  return modules.length;
}

/** Joins the unnamed blocks to one. A block that uses the app inside its process is one of its own, and imports the app. */
function joined(blocks: readonly CodeBlock[]): readonly CodeBlock[] {
  const [inside, session] = [true, false].map((isInside) => ({
    language: "ts",
    unchecked: undefined,
    file: undefined,
    text: blocks
      .filter(({ file, text }) => file === undefined && text.includes("await app.") === isInside)
      .map(({ text }) => text)
      .join("\n"),
  }));
  const named = blocks.filter(({ file }) => file !== undefined);
  if (inside === undefined || session === undefined) return named;
  return [...named, session, { ...inside, text: `import app from "./app.ts";\n${inside.text}` }];
}

/** True for a part of a file of the repository, which the test below compares. */
function isExcerpt({ file }: CodeBlock): boolean {
  return file?.startsWith("examples/") === true && existsSync(join(ROOT, file));
}

it("blocks that name a file of examples are parts of it", async () => {
  const excerpts = (await allBlocks()).filter(({ block }) => isExcerpt(block));
  const differing: string[] = [];
  for (const { page, block } of excerpts) {
    const [, ...lines] = block.text.trimEnd().split("\n");
    const file = lineSet(await readFile(join(ROOT, block.file ?? ""), "utf8"));
    const unknown = lines.find((line) => !file.has(line.trim()) && !line.trim().startsWith("// ..."));
    if (unknown !== undefined) differing.push(`${page}: ${block.file} has no line ${unknown.trim()}`);
  }
  assert.deepEqual(differing, []);
  assert.ok(excerpts.length > 5, `${excerpts.length} excerpts`);
});

it("JSON blocks are JSON", async () => {
  const invalid = (await allBlocks()).filter(
    ({ block: { language, unchecked, text } }) => language === "json" && unchecked === undefined && !isJson(text),
  );
  assert.deepEqual(invalid, []);
});

/**
 * Tests that run the commands of a page, compare its transcripts, or apply its configuration. A page with such blocks is in
 * this table, or marks each of them `no-check`.
 */
const EXECUTED: Readonly<Record<string, string>> = {
  "docs/access.md": "test/access/docs.test.ts",
  "docs/clients.md": "test/client/docs.test.ts",
  "docs/guides/deployment.md": "test/guides/deployment.test.ts",
  "docs/guides/human-decisions.md": "test/guides/guides.test.ts",
  "docs/operations.md": "test/operations/operations.test.ts",
  "docs/postgres.md": "src/stores/postgres/schema/views.test.ts",
  "docs/protocol.md": "test/contract/check.test.ts",
  "docs/start/tutorial.md": "test/tutorial/tutorial.test.ts",
  "docs/engines.md": "test/examples/engines/document.test.ts",
  "docs/hosts.md": "test/examples/hosts.test.ts",
  "examples/existing-app/README.md": "test/examples/existing-app/existing-app.test.ts",
  "examples/moderation/README.md": "test/examples/moderation/moderation.test.ts",
  "examples/orders/README.md": "test/examples/orders/orders.test.ts",
  "examples/virtual-machines/README.md": "test/examples/virtual-machines/virtual-machines.test.ts",
};

/** Languages that other tests of this file check, that the site renders, or that show no more than a layout. */
const CHECKED_HERE = new Set(["", "ts", "tsx", "json", "mermaid"]);

it("every other block belongs to a page that a test executes, or says why it is not checked", async () => {
  const unknown = (await allBlocks())
    .filter(
      ({ page, block }) => !CHECKED_HERE.has(block.language) && block.unchecked === undefined && !(page in EXECUTED),
    )
    .map(({ page, block }) => `${page}: ${block.language}: ${block.text.split("\n")[0] ?? ""}`);
  assert.deepEqual(unknown, []);
  for (const [page, test] of Object.entries(EXECUTED)) {
    assert.ok((await readFile(join(ROOT, test), "utf8")).includes(page.split("/").at(-1) ?? page), `${test}: ${page}`);
  }
});

interface PageBlock {
  readonly page: string;
  readonly block: CodeBlock;
}

async function allBlocks(): Promise<readonly PageBlock[]> {
  const pages = await Promise.all(PAGES.map(async (page) => [page, await readFile(join(ROOT, page), "utf8")] as const));
  return pages.flatMap(([page, text]) => codeBlocks(text).map((block) => ({ page, block })));
}

function lineSet(text: string): ReadonlySet<string> {
  return new Set(text.split("\n").map((line) => line.trim()));
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

/** Writes the manifests of Kubernetes as literals of their types, which accept no unknown field. */
async function writeManifests(page: string, parent: string): Promise<void> {
  const blocks = codeBlocks(await readFile(join(ROOT, page), "utf8"));
  const manifests = blocks.filter(({ language, text }) => language === "yaml" && /^kind: /m.test(text));
  const literals = manifests
    .flatMap(({ text }) => manifestsOf(text))
    .map((manifest, index) => {
      const { apiVersion, kind } = manifest as Readonly<Record<string, string>>;
      const type = `import("kubernetes-models/${apiVersion}/${kind}").I${kind}`;
      return `export const manifest${index}: ${type} = ${JSON.stringify(manifest, undefined, 1)};\n`;
    });
  if (literals.length > 0) await writeFile(join(parent, `${page.replaceAll(/\W/g, "-")}.ts`), literals.join(""));
}
