import { existsSync, globSync, readFileSync, rmSync } from "node:fs";
import { dirname, join } from "node:path";
import manifest from "../package.json" with { type: "json" };

/**
 * Removes the declarations that no entry of the package refers to: half of them.
 *
 * @param {string} outdir Folder of the build, whose declarations are in `types`.
 */
export function pruneTypes(outdir) {
  /** @type {Set<string>} */
  const reached = new Set();
  const pending = Object.values(manifest.exports).flatMap((entry) =>
    typeof entry === "string" ? [] : [join(outdir, entry.types.replace("./dist/", ""))],
  );
  for (let file = pending.pop(); file !== undefined; file = pending.pop()) {
    if (reached.has(file)) continue;
    reached.add(file);
    for (const [, path = ""] of readFileSync(file, "utf8").matchAll(/(?:from |import\(|import )"(\.[^"]+)"/g)) {
      const imported = join(dirname(file), path.replace(/\.[jt]sx?$/, ".d.ts"));
      if (existsSync(imported)) pending.push(imported);
    }
  }
  for (const file of globSync(join(outdir, "types/**/*.d.ts"))) {
    if (!reached.has(file)) rmSync(file);
  }
}
