import type { Broker } from "../core/broker.ts";
import { DefinitionError } from "../core/errors.ts";
import type { Store } from "../core/store.ts";

/** Opens nothing yet: names the store of a URL. Each is loaded when it is asked for. */
export async function storeOf(url: string): Promise<Store> {
  if (url.startsWith("sqlite:")) {
    const { sqliteStore } = await import("../stores/sqlite/index.ts");
    return sqliteStore({ path: url.slice("sqlite:".length) });
  }
  throw new DefinitionError(`--store: ${withoutPassword(url)} is not a store that is known here; use sqlite:PATH`);
}

export async function brokerOf(url: string): Promise<Broker> {
  if (url === "local:") {
    const { localBroker } = await import("../brokers/local/index.ts");
    return localBroker();
  }
  throw new DefinitionError(`--broker: ${withoutPassword(url)} is not a broker that is known here; use local:`);
}

function withoutPassword(url: string): string {
  return url.replace(/\/\/[^@/]*@/, "//...@");
}
