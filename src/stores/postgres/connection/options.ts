import type { ConnectionOptions } from "node:tls";
import type { Pool } from "pg";
import { StoreOpenError } from "../../../core/errors.ts";

export interface PostgresStoreOptions {
  /**
   * `postgres://user:password@host:5432/database`. Missing parts are read from the environment as psql does: PGHOST,
   * PGUSER, PGPASSWORD and so on. Give either `url` or `pool`.
   */
  readonly url?: string | undefined;
  /**
   * The application's own pool of `pg`, for reads and writes. The store changes no setting of its sessions, prepares no
   * statement by name, and does not end it. One more connection, with the options of the pool or to `listenUrl`, carries
   * notices and heartbeats.
   */
  readonly pool?: Pool | undefined;
  /**
   * TLS options of `tls.connect`; true means the certificates of the machine.
   *
   * @default the `sslmode` of the URL, else no TLS
   */
  readonly tls?: boolean | ConnectionOptions;
  /**
   * Schema of tables and views, created if missing. Apps with different schemas share a database independently.
   *
   * @default "afoot"
   */
  readonly schema?: string;
  /**
   * Maximum number of connections for reads and writes; one more carries notices and heartbeats. Not for `pool`.
   *
   * @default 10
   */
  readonly maxConnections?: number;
  /** Maximum time to connect, or to wait for a free connection. Not for `pool`. @default 5000 */
  readonly connectTimeoutMs?: number;
  /** Maximum time of one statement in the database. @default 10000 */
  readonly statementTimeoutMs?: number;
  /** Name of the connections in `pg_stat_activity`. @default "afoot" */
  readonly applicationName?: string;
  /**
   * Set to true if `url` leads to a pooler that reassigns sessions after each transaction, such as PgBouncer in
   * transaction mode. Then no statement is prepared by name, and no session setting is used. A `pool` is always used in
   * this way. @default false
   */
  readonly transactionPooler?: boolean;
  /**
   * The URL of the database itself, to listen for changes of other nodes: a pooler in `url` or behind `pool` cannot carry
   * notifications. Without it, nodes behind a pooler find changes by polling. @default the database of `url` or `pool`,
   * unless a pooler is in between
   */
  readonly listenUrl?: string | undefined;
}

/** Options with all defaults applied. */
export interface Settings {
  readonly source: { readonly url: string } | { readonly pool: Pool };
  /** The database for messages, without secrets. */
  readonly location: string;
  readonly tls: boolean | ConnectionOptions | undefined;
  readonly schema: string;
  readonly maxConnections: number;
  readonly connectTimeoutMs: number;
  readonly statementTimeoutMs: number;
  readonly applicationName: string;
  readonly transactionPooler: boolean;
  readonly listenUrl: string | undefined;
}

/** Maximum length of a name in PostgreSQL, which truncates longer ones. */
const MAX_NAME_BYTES = 63;

/** Checks options and applies the defaults. @throws StoreOpenError `store-options` */
export function settingsOf(options: PostgresStoreOptions): Settings {
  const { tls, schema = "afoot", applicationName = "afoot", pool } = options;
  const source = sourceOf(options);
  const transactionPooler = pool !== undefined || (options.transactionPooler ?? false);
  if (
    schema === "" ||
    schema.includes("\0") ||
    Buffer.byteLength(schema) > MAX_NAME_BYTES ||
    schema.startsWith("pg_")
  ) {
    throw refused(
      `schema: ${JSON.stringify(schema)} is not a valid schema name; give up to ${MAX_NAME_BYTES} characters, not beginning with pg_`,
    );
  }
  const directUrl = "url" in source && !transactionPooler ? source.url : undefined;
  return {
    source,
    location: "url" in source ? shownUrl(source.url) : "The database of the pool",
    tls,
    schema,
    maxConnections: pool?.options.max ?? count(options.maxConnections ?? 10, "maxConnections"),
    connectTimeoutMs: count(options.connectTimeoutMs ?? 5000, "connectTimeoutMs"),
    statementTimeoutMs: count(options.statementTimeoutMs ?? 10_000, "statementTimeoutMs"),
    applicationName,
    transactionPooler,
    listenUrl: options.listenUrl === undefined ? directUrl : checkUrl(options.listenUrl, "listenUrl"),
  };
}

function sourceOf({ url, pool }: PostgresStoreOptions): Settings["source"] {
  if (pool === undefined) return { url: checkUrl(url, "url") };
  if (url !== undefined) throw refused("url and pool: give only one of them");
  if (typeof pool.connect === "function" && typeof pool.options === "object") return { pool };
  throw refused("pool: give a Pool of pg");
}

function checkUrl(url: unknown, option: string): string {
  if (typeof url === "string" && /^postgres(?:ql)?:\/\//.test(url) && URL.canParse(url)) return url;
  throw refused(`${option}: give a URL such as postgres://user:password@host:5432/database`);
}

function count(value: unknown, option: string): number {
  if (typeof value === "number" && Number.isSafeInteger(value) && value > 0) return value;
  throw refused(`${option}: ${String(value)} must be a positive integer`);
}

function refused(message: string): StoreOpenError {
  return new StoreOpenError("store-options", `postgresStore: ${message}`);
}

/** Returns the URL for display, without secrets. */
function shownUrl(url: string): string {
  const { protocol, host, pathname } = new URL(url);
  return `${protocol}//${host}${pathname}`;
}
