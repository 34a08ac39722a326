import type { ConnectionOptions } from "node:tls";

/** A `Pool` of `pg`. A type of its own, so that applications without the types of `pg` compile. */
export interface PostgresPool {
  readonly options: object;
  connect(): Promise<unknown>;
  on(event: "error", listener: (error: Error) => void): unknown;
}

/** Options of {@link postgresStore}. */
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
  readonly pool?: PostgresPool | undefined;
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
