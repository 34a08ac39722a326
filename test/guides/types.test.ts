import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { globSync } from "node:fs";
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { it } from "node:test";
import { codeBlocks, manifestsOf } from "../support/page-code.ts";

const ROOT = resolve(import.meta.dirname, "../..");
const PAGES = globSync("docs/{start,guides,comparison}/*.md", { cwd: ROOT }).toSorted();

/** A block in these languages is a module, with or without a name. */
const LANGUAGES = new Set(["ts", "tsx"]);

it("the code of docs/start, docs/guides and docs/comparison has no type errors", async () => {
  const folder = await mkdtemp(join(import.meta.dirname, "types-"));
  try {
    const counts = await Promise.all(PAGES.map((page) => writeModules(page, folder)));
    assert.ok(counts.reduce((sum, count) => sum + count, 0) > 20, counts.join(" "));
    const compilerOptions = { jsx: "react-jsx", lib: ["es2025", "esnext.disposable", "dom"], noUnusedLocals: false };
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
  const modules = codeBlocks(await readFile(join(ROOT, page), "utf8")).filter(({ language }) =>
    LANGUAGES.has(language),
  );
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
    await writeFile(path, `${text}\nexport {};\n`);
  }
  await writeManifests(page, parent);
  return modules.length;
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
