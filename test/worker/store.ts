import { mkdtempSync } from "node:fs";
import { rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Store } from "../../src/core/ports/store.ts";
import { sqliteStore } from "../../src/stores/sqlite/index.ts";
import { MemoryDatabase } from "../simulate/store/database.ts";
import { memoryStore } from "../simulate/store/memory-store.ts";

/**
 * Creates the store of a test: the one of the simulation, or SQLite in the long run, because starting its thread takes longer than most
 * tests. Both pass the same suite.
 */
export function createStore(now: () => number): { readonly store: Store; readonly remove: () => Promise<void> } {
  if (process.env["AFOOT_WORKER_STORE"] !== "sqlite") {
    return { store: memoryStore(new MemoryDatabase(), now), remove: async () => {} };
  }
  const folder = mkdtempSync(join(tmpdir(), "afoot-worker-"));
  return {
    store: sqliteStore({ path: join(folder, "afoot.db") }),
    remove: () => rm(folder, { recursive: true }),
  };
}
