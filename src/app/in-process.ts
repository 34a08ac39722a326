import { type Collection, createCollection, type ListOptions, type PutOptions } from "../client/collection.ts";
import type { CallOptions } from "../client/http/send.ts";
import { createTransport, type Transport } from "../client/http/transport.ts";
import type { CreateOptions } from "../client/http/write.ts";
import type { ConfigurationInput, ListedResource, SpecOf, TypedApp } from "../client/types.ts";
import { type CamelCase, camelCase } from "../core/definition/names.ts";
import type { ResourceSpec, ResourceType } from "../core/definition/resource-type.ts";
import { decodePrincipal, encodePrincipal, type Principal } from "../core/principal.ts";
import type { Handler } from "../server/routing/handler.ts";
import { type Transactional, TransactionScope } from "./transaction-scope.ts";
import { type InProcessHandle, type TransactionalCollection, transactional } from "./transactional.ts";

/** Names the owner that a call inside the process acts for. */
export interface OwnerOption {
  /**
   * Acts for this owner, as `app.as({ id: owner })` does. The resource that the call creates belongs to the owner, and
   * the handle acts for the owner, too.
   *
   * @default none: the call has access to the resources of all owners, and a resource that it creates has no owner.
   * Over HTTP, only operators and principals that `authorize` allows then see the resource.
   */
  readonly owner?: string;
}

/** The resources of one type, inside the process. Calls are not authenticated. */
export interface InProcessCollection<Spec extends ResourceSpec = ResourceSpec> extends TransactionalCollection<Spec> {
  create(
    configuration: ConfigurationInput<Spec>,
    options?: Transactional<CreateOptions & OwnerOption>,
  ): Promise<InProcessHandle<Spec>>;
  put(
    id: string,
    configuration: ConfigurationInput<Spec>,
    options?: Transactional<PutOptions & OwnerOption>,
  ): Promise<InProcessHandle<Spec>>;
  get(id: string, options?: CallOptions & OwnerOption): Promise<InProcessHandle<Spec>>;
  attach(url: string | URL, options?: CallOptions & OwnerOption): Promise<InProcessHandle<Spec>>;
  list(options?: ListOptions & OwnerOption): AsyncGenerator<ListedResource<Spec>, void, undefined>;
}

/** The name of a collection. An app of unknown types has none, so that every app is assignable to `App`. */
type CollectionName<Spec extends ResourceSpec> = string extends Spec["path"] ? never : CamelCase<Spec["path"]>;

/** The collections of an app inside its process, each by the camel case of its path. */
export type InProcessClient<App extends TypedApp> = {
  readonly [Spec in SpecOf<App> as CollectionName<Spec>]: InProcessCollection<Spec>;
};

/** The collections for calls on behalf of a principal, each by the camel case of its path. */
export type PrincipalClient<App extends TypedApp> = {
  readonly [Spec in SpecOf<App> as CollectionName<Spec>]: TransactionalCollection<Spec>;
};

type ByName<Value> = Readonly<Record<string, Value>>;

/** The clients of an app inside its process. */
export interface InProcess {
  /** Returns the collections whose calls act for a principal. @throws AfootError `invalid-principal` */
  readonly as: (principal: Principal) => ByName<TransactionalCollection>;
  /** The collections whose calls act for the owner in their options, or else have full access. */
  readonly collections: ByName<InProcessCollection>;
}

/** Creates clients over the app's own handler. Requests use no socket and are not authenticated. */
export function createInProcess(handler: Handler, types: readonly ResourceType[], basePath: string): InProcess {
  const byName = <Value>(create: (url: string) => Value): ByName<Value> =>
    Object.fromEntries(types.map(({ path }) => [camelCase(path), create(`http://localhost${basePath}/${path}`)]));
  const scope = new TransactionScope();
  const transportFor = (given: Principal): Transport => {
    // Fails here instead of at the first write. A copy, which later changes of the given object do not reach.
    const principal = decodePrincipal(encodePrincipal(given));
    return createTransport({ fetch: scope.fetchFor(handler, principal) });
  };
  const trusted = createTransport({ fetch: scope.fetchFor(handler) });
  const collectionOf = (transport: Transport, url: string): TransactionalCollection =>
    transactional(createCollection(transport, url), scope);

  return {
    as(principal) {
      const transport = transportFor(principal);
      return byName((url) => collectionOf(transport, url));
    },
    collections: byName((url) => {
      const unowned = collectionOf(trusted, url);
      return withOwnerOption(unowned, ({ owner }) =>
        owner === undefined ? unowned : collectionOf(transportFor({ id: owner }), url),
      );
    }),
  };
}

function withOwnerOption(
  { url }: Collection,
  collectionFor: (options: OwnerOption) => TransactionalCollection,
): InProcessCollection {
  return {
    url,
    create: async (configuration, options = {}) => collectionFor(options).create(configuration, options),
    put: async (id, configuration, options = {}) => collectionFor(options).put(id, configuration, options),
    get: async (id, options = {}) => collectionFor(options).get(id, options),
    attach: async (resourceUrl, options = {}) => collectionFor(options).attach(resourceUrl, options),
    list: (options = {}) => collectionFor(options).list(options),
  };
}
