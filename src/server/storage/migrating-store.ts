import type { ResourceType, StoredShape } from "../../core/definition/resource-type.ts";
import { encodeJson } from "../../core/json/encode-json.ts";
import type { JsonText } from "../../core/json/json.ts";
import { withoutSecrets } from "../../core/json/redact.ts";
import { validateToJson } from "../../core/json/validate-to-json.ts";
import type { Log } from "../../core/ports/log.ts";
import type { StoreReporting } from "../../core/ports/reporting.ts";
import type { Store } from "../../core/ports/store.ts";
import type { StoreTransaction, StoreTransactions } from "../../core/ports/transactions.ts";
import type { Resource } from "../../core/resource.ts";
import { overridden } from "./overridden.ts";

type Migrate = (stored: StoredShape) => StoredShape;

/**
 * Wraps a store so that every row read of a type with `migrate` has the present shape. The stored row stays as it is until the resource
 * changes. Returns the store itself if no type declares `migrate`.
 */
export function migratingStore(store: Store, types: readonly ResourceType[], log: Log): Store {
  const migrating = new Map(
    types.flatMap((type) =>
      type.migrate === undefined ? [] : [[type.name, createRowMigration(type, type.migrate, log)] as const],
    ),
  );
  if (migrating.size === 0) return store;

  const migrateRow = async (resource: Resource): Promise<Resource> =>
    (await migrating.get(resource.type)?.(resource)) ?? resource;
  const migrateIfFound = async (resource: Resource | undefined): Promise<Resource | undefined> =>
    resource === undefined ? undefined : migrateRow(resource);

  const { reporting, transactions } = store;
  const migrated: Partial<Store> = {
    ...(reporting === undefined ? {} : { reporting: withMigratedSearch(reporting, migrateRow) }),
    ...(transactions === undefined ? {} : { transactions: withMigratedRows(transactions, migrateIfFound) }),
    read: async (keys) => Promise.all((await store.read(keys)).map(migrateIfFound)),
    readByOperation: async (operations) => Promise.all((await store.readByOperation(operations)).map(migrateIfFound)),
    list: async (query) => Promise.all((await store.list(query)).map(migrateRow)),
    ...(store.find === undefined ? {} : { find: withMigratedPages(store.find.bind(store), migrateRow) }),
    async unclaimedInProgress(query) {
      const { resources, next } = await store.unclaimedInProgress(query);
      return { resources: await Promise.all(resources.map(migrateRow)), next };
    },
    async apply(changes) {
      const applied = await store.apply(changes);
      return Promise.all(
        applied.map(async (each) =>
          each.resource === undefined ? each : { ...each, resource: await migrateRow(each.resource) },
        ),
      );
    },
    async claim(requests) {
      const granted = await store.claim(requests);
      return Promise.all(
        granted.map((grants) =>
          Promise.all(grants.map(async (each) => ({ ...each, resource: await migrateRow(each.resource) }))),
        ),
      );
    },
  };
  // A migration may be asynchronous, so there is no synchronous read.
  return overridden(store, { ...migrated, readNow: undefined });
}

function withMigratedSearch(
  reporting: StoreReporting,
  migrateRow: (resource: Resource) => Promise<Resource>,
): StoreReporting {
  return overridden(reporting, {
    search: withMigratedPages(reporting.search.bind(reporting), migrateRow),
  });
}

function withMigratedRows(
  transactions: StoreTransactions,
  migrateIfFound: (resource: Resource | undefined) => Promise<Resource | undefined>,
): StoreTransactions {
  const migrated = (transaction: StoreTransaction): StoreTransaction => ({
    readReply: (key) => transaction.readReply(key),
    read: async (key) => migrateIfFound(await transaction.read(key)),
    async apply(change) {
      const applied = await transaction.apply(change);
      const resource = await migrateIfFound(applied.resource);
      return resource === undefined ? applied : { ...applied, resource };
    },
  });
  return overridden(transactions, {
    within: (client, use) => transactions.within(client, (transaction) => use(migrated(transaction))),
  });
}

function withMigratedPages<Query, Page extends { readonly resources: readonly Resource[] }>(
  read: (query: Query) => Promise<Page>,
  migrateRow: (resource: Resource) => Promise<Resource>,
): (query: Query) => Promise<Page> {
  return async (query) => {
    const page = await read(query);
    return { ...page, resources: await Promise.all(page.resources.map(migrateRow)) };
  };
}

export function createRowMigration(
  type: ResourceType,
  migrate: Migrate,
  log: Log,
): (resource: Resource) => Promise<Resource> {
  const shape = async (
    configuration: JsonText,
    details: JsonText,
  ): Promise<{ configuration: JsonText; rawConfiguration: JsonText; details: JsonText }> => {
    const migrated = migrate({ configuration: JSON.parse(configuration), details: JSON.parse(details) });
    const validated = await validateToJson(type.configuration.schema, migrated.configuration, "/configuration");
    if (validated.issues !== undefined) {
      const issues = withoutSecrets(validated.issues, migrated.configuration, type.policy.redact);
      throw new TypeError(`migrate returned a configuration that the schema rejects: ${JSON.stringify(issues)}`);
    }
    return {
      configuration: validated.text,
      rawConfiguration: encodeJson(migrated.configuration, "configuration"),
      details: encodeJson(migrated.details, "details"),
    };
  };

  return async (resource) => {
    try {
      const own = await shape(resource.configuration, resource.details);
      const { operation } = resource;
      const target = await shape(operation.configuration, operation.details ?? resource.details);
      const details = operation.details === null ? null : target.details;
      return {
        ...resource,
        ...own,
        operation: {
          ...operation,
          configuration: target.configuration,
          rawConfiguration: target.rawConfiguration,
          details,
        },
      };
    } catch (error) {
      log.error(
        { error, type: resource.type, id: resource.id },
        "failed to migrate a stored resource; using it as stored",
      );
      return resource;
    }
  };
}
