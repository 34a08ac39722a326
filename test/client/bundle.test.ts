import assert from "node:assert/strict";
import { resolve } from "node:path";
import { test } from "node:test";
import { gzipSync } from "node:zlib";
import { build } from "esbuild";

const CLIENT = resolve(import.meta.dirname, "../../src/client");
const MOST_BYTES = 6000;

test("the client bundles for browsers, without any dependency, below six kilobytes", () => bundles("index.ts", []));
test("the hook does so with React beside it", () => bundles("react.ts", ["react"]));

async function bundles(entry: string, external: readonly string[]): Promise<void> {
  const { outputFiles, metafile } = await build({
    entryPoints: [resolve(CLIENT, entry)],
    external: [...external],
    bundle: true,
    minify: true,
    write: false,
    metafile: true,
    format: "esm",
    // A `node:` module would be an error here.
    platform: "browser",
    target: "es2022",
  });
  const foreign = Object.keys(metafile.inputs).filter((path) => !/^(?:.*\/)?src\/(?:client|core)\//.test(path));
  assert.deepEqual(foreign, []);
  const [bundle] = outputFiles;
  assert.ok(bundle !== undefined);
  const bytes = gzipSync(bundle.contents, { level: 9 }).length;
  assert.ok(bytes < MOST_BYTES, `${bytes} bytes, minified and gzipped`);
  assert.ok(!/\bprocess\b|\bBuffer\b|\brequire\(/.test(bundle.text), "the bundle names what only Node has");
}
