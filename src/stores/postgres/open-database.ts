import { Client } from "pg";
import { StoreOpenError } from "../../core/errors.ts";
import type { Policies } from "../../core/policy.ts";
import { directConfig } from "./connection/connections.ts";
import type { Settings } from "./connection/options.ts";
import { PostgresError } from "./connection/postgres-error.ts";
import { migrate } from "./schema/migrate.ts";
import { DATABASE_IDENTITY } from "./transactions/check-client.ts";

/** `server_version_num` of the oldest tested PostgreSQL. */
const MIN_SERVER_VERSION = 150_000;

/**
 * Checks that the database is suitable, and creates or migrates its tables and views. Returns the identity of the
 * database.
 *
 * @throws StoreOpenError
 */
export async function openDatabase(settings: Settings, policies: Policies): Promise<string> {
  const client = new Client(directConfig(settings));
  client.on("error", () => {});
  try {
    await client.connect();
    const identity = await check(client, settings);
    await migrate(client, settings.schema, policies);
    return identity;
  } catch (error) {
    throw openErrorOf(error, settings);
  } finally {
    await client.end().catch(() => {});
  }
}

interface DatabaseProperties {
  readonly version: number;
  readonly encoding: string;
  readonly isStandby: boolean;
  readonly isReadOnly: boolean;
  readonly identity: string;
}

async function check(client: Client, { location }: Settings): Promise<string> {
  const { rows } = await client.query<DatabaseProperties>(
    `select current_setting('server_version_num')::integer as version, current_setting('server_encoding') as encoding,
      pg_is_in_recovery() as "isStandby", current_setting('transaction_read_only') = 'on' as "isReadOnly", ${DATABASE_IDENTITY} as identity`,
  );
  const found = rows[0];
  if (found === undefined) {
    throw new StoreOpenError("store-open", `${location} returned no version; check that it is a PostgreSQL server`);
  }
  if (found.version < MIN_SERVER_VERSION) {
    throw new StoreOpenError(
      "store-old-server",
      `${location} is PostgreSQL ${Math.floor(found.version / 10_000)}; 15 or later is needed`,
    );
  }
  if (found.encoding.toLowerCase() !== "utf8") {
    throw new StoreOpenError(
      "store-encoding",
      `The database of ${location} is encoded in ${found.encoding}; create one with: create database ... encoding 'UTF8' template template0`,
    );
  }
  if (found.isStandby || found.isReadOnly) {
    throw new StoreOpenError("store-read-only", `${location} is read-only; give the URL of the primary server`);
  }
  return found.identity;
}

/** Error code and advice by SQLSTATE. */
const OPEN_ERRORS: Readonly<Record<string, readonly [code: string, advice: string]>> = {
  "28P01": ["store-denied", "refuses the user or the password; check the URL, or PGUSER and PGPASSWORD"],
  "28000": ["store-denied", "refuses the user; check the URL and the server's pg_hba.conf"],
  "3D000": ["store-missing", "has no such database; create it with: create database"],
  "42501": [
    "store-denied",
    "does not let this user create the tables; grant it CREATE on the database, or create the schema with the user as its owner",
  ],
  "55P03": ["store-busy", "is being written by another copy, or by nodes that run on it; end them and try again"],
  "53100": ["store-full", "has a full disk; free disk space on its server and start again"],
  "53300": [
    "store-unreachable",
    "has no free connection; raise its max_connections, or lower maxConnections of the nodes",
  ],
};

/** Converts an error of opening a database to one that says what to do. */
export function openErrorOf(cause: unknown, { location }: Settings): StoreOpenError {
  if (cause instanceof StoreOpenError) return cause;
  const error = new PostgresError(cause);
  const [code, advice] = OPEN_ERRORS[error.sqlState ?? ""] ?? [
    error.sqlState === undefined ? "store-unreachable" : "store-open",
    error.sqlState === undefined ? "cannot be reached; start the server, or correct the URL" : "cannot be opened",
  ];
  return new StoreOpenError(code, `${location} ${advice} (${error.message})`, { cause });
}
