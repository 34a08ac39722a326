import type { Broker } from "../core/broker.ts";
import { DefinitionError } from "../core/errors.ts";
import type { Store } from "../core/store.ts";
import type { PostgresStoreOptions } from "../stores/postgres/index.ts";

/** Opens nothing yet: names the store of a URL. Each is loaded when it is asked for. */
export async function storeOf(url: string): Promise<Store> {
  if (url.startsWith("sqlite:")) {
    const { sqliteStore } = await import("../stores/sqlite/index.ts");
    return sqliteStore({ path: url.slice("sqlite:".length) });
  }
  if (/^postgres(?:ql)?:/.test(url)) {
    const { postgresStore } = await import("../stores/postgres/index.ts");
    return postgresStore(postgresOptions(url));
  }
  throw new DefinitionError(
    `--store: ${withoutPassword(url)} is not a store that is known here; use sqlite:PATH or postgres://USER:PASSWORD@HOST/DATABASE`,
  );
}

/** The schema is ours to read; everything else in the URL is pg's. */
function postgresOptions(url: string): PostgresStoreOptions {
  if (!URL.canParse(url)) return { url };
  const parsed = new URL(url);
  const schema = parsed.searchParams.get("schema");
  if (schema === null) return { url };
  parsed.searchParams.delete("schema");
  return { url: parsed.href, schema };
}

export async function brokerOf(url: string): Promise<Broker> {
  if (url === "local:") {
    const { localBroker } = await import("../brokers/local/index.ts");
    return localBroker();
  }
  if (/^(?:nats|tls):\/\//.test(url)) {
    const { natsBroker } = await import("../brokers/nats/index.ts");
    return natsBroker({ servers: url });
  }
  throw new DefinitionError(
    `--broker: ${withoutPassword(url)} is not a broker that is known here; use local: or nats://HOST:4222`,
  );
}

/** A URL as it may be shown. */
export function withoutPassword(url: string): string {
  return url.replaceAll(/(\/\/|,)[^@/,]*@/g, "$1...@");
}
