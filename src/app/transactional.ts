import type { Collection, PutOptions } from "../client/collection.ts";
import type { CallOptions } from "../client/http/send.ts";
import type { ConfigureOptions, CreateOptions, StartOptions, WriteOptions } from "../client/http/write.ts";
import type { EditOptions, ResourceHandle } from "../client/resource-handle.ts";
import type {
  ActionParameters,
  ConfigurationInput,
  MergePatch,
  MessageParameters,
  ResourceState,
} from "../client/types.ts";
import type { ResourceSpec } from "../core/definition/resource-type.ts";
import type { Transactional, TransactionScope } from "./transaction-scope.ts";

/** One resource, inside the process. Its writes can be part of a transaction of the application. */
export interface InProcessHandle<Spec extends ResourceSpec = ResourceSpec> extends ResourceHandle<Spec> {
  update(
    patch: MergePatch<ConfigurationInput<Spec>>,
    options?: Transactional<EditOptions & ConfigureOptions>,
  ): Promise<ResourceState<Spec>>;
  replace(
    configuration: ConfigurationInput<Spec>,
    options?: Transactional<EditOptions & ConfigureOptions>,
  ): Promise<ResourceState<Spec>>;
  act(...parameters: ActionParameters<Spec, Transactional<StartOptions>>): Promise<ResourceState<Spec>>;
  send(...parameters: MessageParameters<Spec, Transactional<WriteOptions>>): Promise<void>;
  cancel(options?: Transactional<WriteOptions>): Promise<ResourceState<Spec>>;
  retry(options?: Transactional<WriteOptions>): Promise<ResourceState<Spec>>;
  delete(options?: Transactional<EditOptions>): Promise<void>;
}

/** The resources of one type, inside the process. Writes can be part of a transaction of the application. */
export interface TransactionalCollection<Spec extends ResourceSpec = ResourceSpec> extends Collection<Spec> {
  create(
    configuration: ConfigurationInput<Spec>,
    options?: Transactional<CreateOptions>,
  ): Promise<InProcessHandle<Spec>>;
  put(
    id: string,
    configuration: ConfigurationInput<Spec>,
    options?: Transactional<PutOptions>,
  ): Promise<InProcessHandle<Spec>>;
  get(id: string, options?: CallOptions): Promise<InProcessHandle<Spec>>;
  attach(url: string | URL, options?: CallOptions): Promise<InProcessHandle<Spec>>;
}

/** Adds the option `transaction` to the writes of a collection and of its handles. */
export function transactional(collection: Collection, scope: TransactionScope): TransactionalCollection {
  const handleOf = async (pending: Promise<ResourceHandle>): Promise<InProcessHandle> =>
    transactionalHandle(await pending, scope);
  return {
    ...collection,
    create: async (configuration, options) =>
      handleOf(scope.join(options, (own) => collection.create(configuration, own))),
    put: async (id, configuration, options) =>
      handleOf(scope.join(options, (own) => collection.put(id, configuration, own))),
    get: async (id, options) => handleOf(collection.get(id, options)),
    attach: async (url, options) => handleOf(collection.attach(url, options)),
  };
}

function transactionalHandle(handle: ResourceHandle, scope: TransactionScope): InProcessHandle {
  const base = { ...handle };
  const writes: Partial<InProcessHandle> = {
    update: async (patch, options) => scope.join(options, (own) => base.update(patch, own)),
    replace: async (configuration, options) => scope.join(options, (own) => base.replace(configuration, own)),
    act: async (name, input, options) => scope.join(options, (own) => base.act(name, input, own)),
    send: async (name, value, options) => scope.join(options, (own) => base.send(name, value, own)),
    cancel: async (options) => scope.join(options, (own) => base.cancel(own)),
    retry: async (options) => scope.join(options, (own) => base.retry(own)),
    delete: async (options) => scope.join(options, (own) => base.delete(own)),
  };
  return Object.assign(handle, writes);
}
