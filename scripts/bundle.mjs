import { basename } from "node:path";
import { build } from "esbuild";
import manifest from "../package.json" with { type: "json" };

/** Entry points of processes. They share chunks with the package's entries, so that each error class exists once per process. */
const PROCESSES = ["src/cli/main.ts", "src/worker/isolation/isolated-process.ts"];

/** Entry points of threads. Each is bundled to one file, because threads share no modules. */
const THREADS = [
  "src/cli/start/watchdog-thread.ts",
  "src/stores/sqlite/writer/writer-thread.ts",
  "src/worker/isolation/orphan-thread.ts",
];

/**
 * Bundles the sources to few files, because loading a file takes longer than running it. All files are in one folder, so that relative
 * URLs such as `new URL("./x.js", import.meta.url)` resolve from every bundle.
 *
 * @param {string} outdir
 */
export async function bundle(outdir) {
  /** @type {import("esbuild").BuildOptions} */
  const options = {
    bundle: true,
    outdir,
    format: "esm",
    platform: "node",
    target: "es2024",
    packages: "external",
    sourcemap: true,
    sourcesContent: false,
    logLevel: "warning",
  };
  const entries = Object.values(manifest.exports).flatMap((entry) =>
    typeof entry === "string" ? [] : [{ in: entry["@afoot/source"], out: basename(entry.default, ".js") }],
  );
  await build({ ...options, entryPoints: [...entries, ...PROCESSES.map(toEntryPoint)], splitting: true });
  await build({ ...options, entryPoints: THREADS.map(toEntryPoint) });
}

/** @param {string} source */
function toEntryPoint(source) {
  return { in: source, out: basename(source, ".ts") };
}
