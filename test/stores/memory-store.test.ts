import { storeConformance } from "afoot/conformance";
import { MemoryContents } from "../../examples/memory-store/contents.ts";
import { memoryStore } from "../../examples/memory-store/memory-store.ts";

storeConformance({
  name: "memory, without the optional parts",
  async create() {
    const contents = new MemoryContents();
    return { store: () => memoryStore(contents), remove: async () => {} };
  },
  capabilities: { processes: "one" },
});
