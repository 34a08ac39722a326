import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
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
    external: ["#packages/*"],
    logLevel: "warning",
  };
  const entries = Object.values(manifest.exports).flatMap((entry) =>
    typeof entry === "string" ? [] : [{ in: entry["@afoot/source"], out: basename(entry.default, ".js") }],
  );
  await build({ ...options, entryPoints: [...entries, ...PROCESSES.map(toEntryPoint)], splitting: true });
  await build({ ...options, entryPoints: THREADS.map(toEntryPoint) });
  await bundlePackages(join(outdir, "packages"), options);
}

/** Folder of the modules that re-export packages. They are bundled with the packages, so that users do not install them. */
const PACKAGES = "src/packages";

/**
 * Bundles the packages of {@link PACKAGES}. Their sources refer to Node's modules by `require`, which a module has to define.
 *
 * @param {string} outdir
 * @param {import("esbuild").BuildOptions} options
 */
async function bundlePackages(outdir, options) {
  const { metafile } = await build({
    ...options,
    outdir,
    packages: "bundle",
    entryPoints: readdirSync(PACKAGES).map((name) => toEntryPoint(join(PACKAGES, name))),
    splitting: true,
    minify: true,
    legalComments: "none",
    banner: { js: 'import{createRequire}from"node:module";const require=createRequire(import.meta.url);' },
    metafile: true,
  });
  writeFileSync(join(outdir, "LICENSES.txt"), licensesOf(Object.keys(metafile.inputs)));
}

/** Returns the licence notices of the bundled packages. @param {readonly string[]} files */
function licensesOf(files) {
  const folders = new Set(files.map((file) => /^.*node_modules\/(?:@[^/]+\/)?[^/]+/.exec(file)?.[0] ?? ""));
  folders.delete("");
  return [...folders]
    .toSorted()
    .map(licenseOf)
    .join(`\n${"-".repeat(80)}\n\n`);
}

/** @param {string} folder */
function licenseOf(folder) {
  const file = readdirSync(folder).find((each) => /^licen[cs]e/i.test(each));
  // Without a file, the manifest names the licence.
  return `${folder.replace("node_modules/", "")}\n\n${readFileSync(join(folder, file ?? "package.json"), "utf8")}`;
}

/** @param {string} source */
function toEntryPoint(source) {
  return { in: source, out: basename(source, ".ts") };
}
