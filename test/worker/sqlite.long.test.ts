// Repeats the tests of the worker on SQLite. `npm test` runs them on the store of the simulation.
import { globSync } from "node:fs";
import { join } from "node:path";

process.env["AFOOT_WORKER_STORE"] = "sqlite";

const WORKER = join(import.meta.dirname, "../../src/worker");

for (const file of globSync("**/*.test.ts", { cwd: WORKER })) await import(join(WORKER, file));
