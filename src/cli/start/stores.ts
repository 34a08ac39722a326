import { DefinitionError } from "../../core/errors.ts";
import type { Broker } from "../../core/ports/broker.ts";
import type { Inlet } from "../../core/ports/inlet.ts";
import type { Store } from "../../core/ports/store.ts";
import type { CopySource, CopyTarget } from "../../stores/copying.ts";
import type { PostgresStoreOptions } from "../../stores/postgres/index.ts";
import { importOptional } from "../optional-package.ts";

/**
 * Returns the store of a URL without opening it. Loads only the code of this store.
 *
 * @param listenUrl URL of the database itself, if the other one leads to a pooler in transaction mode
 * @throws DefinitionError
 */
export async function storeOf(url: string, listenUrl?: string): Promise<Store> {
  if (url.startsWith("sqlite:")) {
    if (listenUrl !== undefined) {
      throw new DefinitionError("AFOOT_LISTEN_URL: a SQLite file has no pooler; remove it, or set AFOOT_STORE");
    }
    const { sqliteStore } = await import("../../stores/sqlite/index.ts");
    return sqliteStore({ path: url.slice("sqlite:".length) });
  }
  if (POSTGRES.test(url)) {
    const { postgresStore } = await importOptional("--store", ["pg"], () => import("../../stores/postgres/index.ts"));
    const pooler = listenUrl === undefined ? {} : { transactionPooler: true, listenUrl };
    return postgresStore({ ...postgresOptions(url), ...pooler });
  }
  throw new DefinitionError(
    `--store: ${withoutPassword(url)} is not a known store; use sqlite:PATH or postgres://USER:PASSWORD@HOST/DATABASE`,
  );
}

/** Opens the source store of `afoot copy`. Its lock keeps other processes from opening it meanwhile. */
export async function copySourceOf(url: string, at: number): Promise<CopySource> {
  if (url.startsWith("sqlite:")) {
    const { openCopySource } = await import("../../stores/sqlite/copy-source.ts");
    return openCopySource(url.slice("sqlite:".length), at);
  }
  const reason = POSTGRES.test(url)
    ? "is PostgreSQL, which cannot be locked against other nodes; use pg_dump and pg_restore to move it to another server"
    : "is not a supported source; use sqlite:PATH";
  throw new DefinitionError(`--from: ${withoutPassword(url)} ${reason}`);
}

/** Returns the target store of `afoot copy` without opening it. */
export async function copyTargetOf(url: string): Promise<CopyTarget> {
  if (POSTGRES.test(url)) {
    const { postgresCopyTarget } = await importOptional(
      "--to",
      ["pg"],
      () => import("../../stores/postgres/copy/target.ts"),
    );
    return postgresCopyTarget(postgresOptions(url));
  }
  const reason = url.startsWith("sqlite:")
    ? "is a SQLite file; stop the process and copy the file itself"
    : "is not a supported target; use postgres://USER:PASSWORD@HOST/DATABASE";
  throw new DefinitionError(`--to: ${withoutPassword(url)} ${reason}`);
}

const POSTGRES = /^postgres(?:ql)?:/;

/** Extracts the query parameter `schema`. The rest of the URL goes to pg unchanged. */
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
    const { localBroker } = await import("../../brokers/local/index.ts");
    return localBroker();
  }
  if (/^(?:nats|tls):\/\//.test(url)) {
    const packages = ["@nats-io/transport-node", "@nats-io/jetstream"];
    const { natsBroker } = await importOptional("--broker", packages, () => import("../../brokers/nats/index.ts"));
    return natsBroker({ servers: url });
  }
  throw new DefinitionError(`--broker: ${withoutPassword(url)} is not a known broker; use local: or nats://HOST:4222`);
}

/** Returns the inlet of a URL, or of several that are joined by commas. */
export async function inletOf(url: string): Promise<Inlet> {
  if (/^amqps?:\/\//.test(url)) {
    const { amqpInlet } = await importOptional("--inlet", ["amqplib"], () => import("../../inlets/amqp/index.ts"));
    return amqpInlet({ url: url.split(/,(?=amqps?:\/\/)/) });
  }
  throw new DefinitionError(
    `--inlet: ${withoutPassword(url)} is not a known inlet; use amqp://USER:PASSWORD@HOST/VIRTUAL-HOST?queue=NAME`,
  );
}

/** Removes user names and passwords from a URL, for output. A malformed URL may contain them anywhere before an `@`. */
export function withoutPassword(url: string): string {
  return url
    .replaceAll(/([?&][^=&]*(?:pass|secret|token|user|key)[^=&]*=)[^&]*/gi, "$1...")
    .replace(/(\/\/)[^?]*@/, "$1...@");
}
