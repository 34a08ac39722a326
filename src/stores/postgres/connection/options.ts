import type { ConnectionOptions } from "node:tls";
import type { Pool } from "pg";
import { StoreOpenError } from "../../../core/errors.ts";
import type { PostgresPool, PostgresStoreOptions } from "./store-options.ts";

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
    maxConnections:
      ("pool" in source ? source.pool.options.max : undefined) ?? count(options.maxConnections ?? 10, "maxConnections"),
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
  if (isPool(pool)) return { pool };
  throw refused("pool: give a Pool of pg");
}

function isPool(pool: PostgresPool): pool is Pool {
  return typeof pool.connect === "function" && typeof pool.options === "object";
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
