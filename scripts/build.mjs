// Builds dist/ from src/. npm runs it after `npm ci`, and before `npm pack`. As `prepare`, it would cause a warning where a packed file is installed.
import { spawnSync } from "node:child_process";
import { existsSync, renameSync, rmSync } from "node:fs";
import process from "node:process";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("..", import.meta.url));
process.chdir(root);

const compiler = "node_modules/typescript/bin/tsc";
if (!existsSync(compiler)) {
  const publishing = ["pack", "publish"].includes(process.env["npm_command"] ?? "");
  process.stderr.write("dist/ is not built: the development dependencies are not installed.\n");
  process.exit(publishing ? 1 : 0);
}

// Builds in a sibling folder and moves it, so that no process sees an incomplete dist/. Relative source maps need a sibling.
const outputFolder = `dist.${process.pid}`;
const declarations = [compiler, "-p", "tsconfig.build.json", "--outDir", `${outputFolder}/types`];
// Vite bundles the dashboard with its dependencies, so that the package does not depend on them.
const vite = ["node_modules/vite/bin/vite.js", "build", "--config", "src/dashboard/vite.config.ts"];
const page = [...vite, "--outDir", `../../${outputFolder}/dashboard`];

/** @param {readonly string[]} argv */
function succeeds(argv) {
  return spawnSync(process.execPath, argv, { stdio: "inherit" }).status === 0;
}

let isBuilt = false;
try {
  if (succeeds(declarations)) {
    // A static import would fail without the development dependencies.
    const { bundle } = await import("./bundle.mjs");
    await bundle(outputFolder);
    const { writeReference } = await import("./reference.mjs");
    const { pruneTypes } = await import("./prune-types.mjs");
    pruneTypes(outputFolder);
    await writeReference(`${outputFolder}/docs`, "dist/docs");
    isBuilt = succeeds(page);
  }
  if (isBuilt) {
    rmSync("dist", { recursive: true, force: true });
    renameSync(outputFolder, "dist");
  }
} finally {
  rmSync(outputFolder, { recursive: true, force: true });
}
process.exitCode = isBuilt ? 0 : 1;
