import type { ResourceType, StoredShape } from "../../core/definition/resource-type.ts";
import type { JsonText } from "../../core/json/json.ts";
import { withoutSecrets } from "../../core/json/redact.ts";
import { validate } from "../../core/json/schema.ts";
import type { Log } from "../../core/ports/log.ts";
import type { Store } from "../../core/ports/store.ts";
import type { Resource } from "../../core/resource.ts";

type Migrate = (stored: StoredShape) => StoredShape;

/**
 * Shows the rows of types that declare `migrate` in today's shape, wherever they are read; what is stored stays as it is until the
 * resource is changed. A store without such types is given back as it is.
 */
export function migratingStore(store: Store, types: readonly ResourceType[], log: Log): Store {
  const migrating = new Map(
    types.flatMap((type) =>
      type.migrate === undefined ? [] : [[type.name, createRowMigration(type, type.migrate, log)] as const],
    ),
  );
  if (migrating.size === 0) return store;

  const today = async (resource: Resource): Promise<Resource> =>
    (await migrating.get(resource.type)?.(resource)) ?? resource;
  const todayOf = async (resource: Resource | undefined): Promise<Resource | undefined> =>
    resource === undefined ? undefined : today(resource);

  const migrated: Partial<Store> = {
    read: async (keys) => Promise.all((await store.read(keys)).map(todayOf)),
    readByOperation: async (operations) => Promise.all((await store.readByOperation(operations)).map(todayOf)),
    list: async (query) => Promise.all((await store.list(query)).map(today)),
    async unclaimedInProgress(query) {
      const { resources, next } = await store.unclaimedInProgress(query);
      return { resources: await Promise.all(resources.map(today)), next };
    },
    async search(query) {
      const page = await store.search(query);
      return { ...page, resources: await Promise.all(page.resources.map(today)) };
    },
    async apply(changes) {
      const applied = await store.apply(changes);
      return Promise.all(
        applied.map(async (each) =>
          each.resource === undefined ? each : { ...each, resource: await today(each.resource) },
        ),
      );
    },
    async claim(requests) {
      const granted = await store.claim(requests);
      return Promise.all(
        granted.map((grants) =>
          Promise.all(grants.map(async (each) => ({ ...each, resource: await today(each.resource) }))),
        ),
      );
    },
  };
  return new Proxy(store, {
    get(target, name) {
      // To bring a row to today's shape may take a while.
      if (name === "readNow") return undefined;
      const value: unknown = Reflect.get(migrated, name) ?? Reflect.get(target, name);
      const bound: unknown = typeof value === "function" ? value.bind(target) : value;
      return bound;
    },
  });
}

function createRowMigration(type: ResourceType, migrate: Migrate, log: Log): (resource: Resource) => Promise<Resource> {
  const shape = async (
    configuration: JsonText,
    details: JsonText,
  ): Promise<{ configuration: JsonText; rawConfiguration: JsonText; details: JsonText }> => {
    const migrated = migrate({ configuration: JSON.parse(configuration), details: JSON.parse(details) });
    const validated = await validate(type.configuration.schema, migrated.configuration, "/configuration");
    if (validated.issues !== undefined) {
      const issues = withoutSecrets(validated.issues, migrated.configuration, type.policy.redact);
      throw new TypeError(`migrate gave a configuration that the schema refuses: ${JSON.stringify(issues)}`);
    }
    return {
      configuration: JSON.stringify(validated.value),
      rawConfiguration: JSON.stringify(migrated.configuration),
      details: JSON.stringify(migrated.details),
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
        "a stored resource could not be migrated; it is used as it was stored",
      );
      return resource;
    }
  };
}
