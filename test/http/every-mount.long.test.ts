// Repeats the tests of this folder on every mount. `npm test` runs each on one of them.
import { globSync } from "node:fs";

process.env["AFOOT_EVERY_MOUNT"] = "true";

for (const file of globSync("*.test.ts", { cwd: import.meta.dirname })) {
  if (!file.endsWith(".long.test.ts")) await import(`./${file}`);
}
