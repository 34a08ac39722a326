import { basename } from "node:path";
import { build } from "esbuild";
import manifest from "../package.json" with { type: "json" };

/** Run in processes: each loads what is shared with the entries, so that an error is of one class for all that an app imports. */
const PROCESSES = ["src/cli/main.ts", "src/worker/isolation/isolated-process.ts"];

/** Run in threads, which share nothing: each is one file. */
const THREADS = [
  "src/cli/start/watchdog-thread.ts",
  "src/stores/sqlite/writer/writer-thread.ts",
  "src/worker/isolation/orphan-thread.ts",
];

/**
 * Joins the sources to few files: to load a file takes longer than to run it. They lie side by side, whatever was joined with what,
 * so that what a source names beside itself (`new URL("./x.js", import.meta.url)`) is found from wherever it has come to.
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
  await build({ ...options, entryPoints: [...entries, ...PROCESSES.map(program)], splitting: true });
  await build({ ...options, entryPoints: THREADS.map(program) });
}

/** @param {string} source */
function program(source) {
  return { in: source, out: basename(source, ".ts") };
}
