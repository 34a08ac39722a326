import { storeConformance } from "../../../src/conformance/store/index.ts";
import { MemoryDatabase } from "./database.ts";
import { memoryStore } from "./memory-store.ts";

storeConformance({
  name: "memory, of the simulation",
  async create() {
    const database = new MemoryDatabase();
    return { store: () => memoryStore(database), remove: async () => {} };
  },
  capabilities: { processes: "many", turns: true, earlyClaims: true },
});
