import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { storeConformance } from "../../conformance/store/index.ts";
import { sqliteStore } from "./index.ts";

storeConformance({
  name: "sqlite",
  async create() {
    const folder = await mkdtemp(join(tmpdir(), "afoot-sqlite-"));
    return {
      store: () => sqliteStore({ path: join(folder, "afoot.db") }),
      remove: () => rm(folder, { recursive: true }),
    };
  },
  capabilities: { processes: "one", reporting: true, find: true, turns: true, earlyClaims: true },
});
