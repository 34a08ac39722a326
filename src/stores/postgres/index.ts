export { postgresStore } from "./postgres-store.ts";
export type { PostgresStoreOptions } from "./connection/options.ts";
