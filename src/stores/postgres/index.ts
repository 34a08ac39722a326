export { postgresStore } from "./postgres-store.ts";
export type { PostgresPool, PostgresStoreOptions } from "./connection/store-options.ts";
