import type { ConnectionOptions } from "node:tls";
import { StoreOpenError } from "../../../core/errors.ts";

export interface PostgresStoreOptions {
  /**
   * `postgres://user:password@host:5432/database`. What it leaves out is taken from the environment, as psql does: PGHOST, PGUSER,
   * PGPASSWORD and so on.
   */
  readonly url: string;
  /** TLS, as `tls.connect` takes it; true means with the certificates of the machine. @default as the `sslmode` of the URL says, else none */
  readonly tls?: boolean | ConnectionOptions;
  /** The schema for tables and views; made where it is missing. Apps with different schemas share a database without meeting. @default "afoot" */
  readonly schema?: string;
  /** Connections for reads and writes, at most; one more carries notices and beats. @default 10 */
  readonly maxConnections?: number;
  /** How long connecting, or waiting for a free connection, may take. @default 5000 */
  readonly connectTimeoutMs?: number;
  /** How long one statement may take in the database. @default 10000 */
  readonly statementTimeoutMs?: number;
  /** By what `pg_stat_activity` shows the connections. @default "afoot" */
  readonly applicationName?: string;
  /**
   * The URL leads to a pooler that gives a session away after each transaction, such as PgBouncer in transaction mode: no statement is
   * prepared by name, nothing is set for a session. @default false
   */
  readonly transactionPooler?: boolean;
  /**
   * Where to listen for what other nodes changed, for a pooler in `url` cannot carry that: the URL of the database itself. Without it
   * behind a pooler, nodes find out by polling. @default `url`, unless that leads to a pooler
   */
  readonly listenUrl?: string;
}

/** Options with everything said. */
export interface Settings {
  readonly url: string;
  readonly tls: boolean | ConnectionOptions | undefined;
  readonly schema: string;
  readonly maxConnections: number;
  readonly connectTimeoutMs: number;
  readonly statementTimeoutMs: number;
  readonly applicationName: string;
  readonly transactionPooler: boolean;
  readonly listenUrl: string | undefined;
}

/** What a name of PostgreSQL may take: longer ones it would cut. */
const MAX_NAME_BYTES = 63;

/** Checks options and fills in the defaults. @throws StoreOpenError `store-options` */
export function settingsOf(options: PostgresStoreOptions): Settings {
  const { tls, schema = "afoot", applicationName = "afoot", transactionPooler = false } = options;
  const url = checkUrl(options.url, "url");
  if (
    schema === "" ||
    schema.includes("\0") ||
    Buffer.byteLength(schema) > MAX_NAME_BYTES ||
    schema.startsWith("pg_")
  ) {
    throw refused(
      `schema: ${JSON.stringify(schema)} is no name of a schema; give up to ${MAX_NAME_BYTES} characters, not beginning with pg_`,
    );
  }
  return {
    url,
    tls,
    schema,
    maxConnections: count(options.maxConnections ?? 10, "maxConnections"),
    connectTimeoutMs: count(options.connectTimeoutMs ?? 5000, "connectTimeoutMs"),
    statementTimeoutMs: count(options.statementTimeoutMs ?? 10_000, "statementTimeoutMs"),
    applicationName,
    transactionPooler,
    listenUrl:
      options.listenUrl === undefined ? directUrl(url, transactionPooler) : checkUrl(options.listenUrl, "listenUrl"),
  };
}

function directUrl(url: string, transactionPooler: boolean): string | undefined {
  return transactionPooler ? undefined : url;
}

function checkUrl(url: unknown, place: string): string {
  if (typeof url === "string" && /^postgres(?:ql)?:\/\//.test(url) && URL.canParse(url)) return url;
  throw refused(`${place}: give a URL such as postgres://user:password@host:5432/database`);
}

function count(value: unknown, place: string): number {
  if (typeof value === "number" && Number.isSafeInteger(value) && value > 0) return value;
  throw refused(`${place}: ${String(value)} is not a whole number above zero`);
}

function refused(message: string): StoreOpenError {
  return new StoreOpenError("store-options", `postgresStore: ${message}`);
}

/** The URL for people: without what is secret in it. */
export function shownUrl(url: string): string {
  const { protocol, host, pathname } = new URL(url);
  return `${protocol}//${host}${pathname}`;
}
