// Builds dist/ from src/. npm runs it after `npm ci` and before `npm pack`.
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

// Built aside and moved, so that no other process ever sees half a dist/. A sibling, because source maps are relative.
const fresh = `dist.${process.pid}`;
const declarations = [compiler, "-p", "tsconfig.build.json", "--outDir", `${fresh}/types`];
// The page is another program: Vite bundles it with all it needs, so that the package depends on none of that.
const vite = ["node_modules/vite/bin/vite.js", "build", "--config", "src/dashboard/vite.config.ts"];
const page = [...vite, "--outDir", `../../${fresh}/dashboard`];

/** @param {readonly string[]} argv */
function passes(argv) {
  return spawnSync(process.execPath, argv, { stdio: "inherit" }).status === 0;
}

let isBuilt = false;
try {
  if (passes(declarations)) {
    // Loaded here, because what it needs is not installed where the above says so.
    const { bundle } = await import("./bundle.mjs");
    await bundle(fresh);
    isBuilt = passes(page);
  }
  if (isBuilt) {
    rmSync("dist", { recursive: true, force: true });
    renameSync(fresh, "dist");
  }
} finally {
  rmSync(fresh, { recursive: true, force: true });
}
process.exitCode = isBuilt ? 0 : 1;
