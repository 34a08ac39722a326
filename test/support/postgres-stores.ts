import assert from "node:assert/strict";
import { escapeIdentifier } from "pg";
import { AT, POLICIES } from "../../src/conformance/store/fixture/types.ts";
import type { Store } from "../../src/core/ports/store.ts";
import { postgresStore, type PostgresStoreOptions } from "../../src/stores/postgres/index.ts";
import type { PostgresServer } from "./postgres.ts";

/** Stores of one schema that no other test uses. Disposal closes them and drops the schema. */
export interface PostgresStores extends AsyncDisposable {
  readonly schema: string;
  /** Opens another store, which acts as another node. */
  readonly open: (options?: Partial<PostgresStoreOptions>) => Promise<Store>;
  /** Runs a statement as administrator. `{schema}` is replaced by the schema. */
  readonly query: (sql: string) => Promise<readonly Record<string, unknown>[]>;
}

export function postgresStores(server: PostgresServer, schema = server.schema()): PostgresStores {
  const stores: Store[] = [];
  return {
    schema,
    async open(options = {}) {
      const store = postgresStore({ url: server.url, schema, ...options });
      await store.open({ policies: POLICIES, at: AT, onFatal: (error) => assert.fail(String(error)) });
      stores.push(store);
      return store;
    },
    query: (sql) => server.query(sql.replaceAll("{schema}", () => escapeIdentifier(schema))),
    async [Symbol.asyncDispose]() {
      await Promise.all(stores.map((store) => store.close()));
      await server.drop(schema);
    },
  };
}
