import type { ResourceSpec } from "../core/definition/resource-type.ts";
import { AfootError } from "../core/errors.ts";
import { fieldsIn } from "./following/read-state.ts";
import type { Reply } from "./http/reply.ts";
import { type CallOptions, send } from "./http/send.ts";
import type { Transport } from "./http/transport.ts";
import { configureBody, type ConfigureOptions, type CreateOptions, write } from "./http/write.ts";
import { type Parameters, readPages } from "./pages.ts";
import { createResourceHandle, type ResourceHandle } from "./resource-handle.ts";
import type { ConfigurationInput, ListedResource } from "./types.ts";

/** Options of `put`, which creates or replaces a resource. */
export interface PutOptions extends ConfigureOptions {
  /**
   * Only creates: rejects an existing id, with a ProblemError of code `precondition-failed`.
   *
   * @default false: an existing configuration is replaced
   */
  readonly ifAbsent?: boolean;
}

/** Filters and limits of a list. */
export interface ListOptions extends CallOptions {
  /** Status labels to include. @default all */
  readonly status?: string | readonly string[];
  /** Ids to include, at most 100, in this order. Ids without a resource are left out. @default all */
  readonly id?: string | readonly string[];
  /** Pairs that a resource must have, if the type declares `metadata`. @default none */
  readonly metadata?: Readonly<Record<string, string>>;
  /**
   * RFC 3339 instant after which a resource must have changed, if the type declares `updatedAfter`. The oldest change is
   * first. Begin the next list a minute before the start of this one. @default none
   */
  readonly updatedAfter?: string;
  /** Number of resources per request, from 1 to 200. @default the server's, 50 */
  readonly pageSize?: number;
}

/** The resources of one type. */
export interface Collection<Spec extends ResourceSpec = ResourceSpec> {
  readonly url: string;

  /**
   * Creates a resource, and resolves once the server has accepted it. `settled()` of the handle waits for its work.
   *
   * @throws ProblemError, such as `validation` with every error in `problem.errors`; UnreachableError after `timeoutMs`
   */
  create(configuration: ConfigurationInput<Spec>, options?: CreateOptions): Promise<ResourceHandle<Spec>>;

  /** Creates a resource under an id of your own, or replaces its configuration. */
  put(id: string, configuration: ConfigurationInput<Spec>, options?: PutOptions): Promise<ResourceHandle<Spec>>;

  /** Reads a resource. @throws GoneError, ProblemError, UnreachableError */
  get(id: string, options?: CallOptions): Promise<ResourceHandle<Spec>>;

  /**
   * Reads a resource by the URL of its handle: in another process, after a restart, on another machine.
   *
   * @throws AfootError `foreign-url` for a URL outside this collection, because it would receive this client's
   * credentials; else as {@link get}
   */
  attach(url: string | URL, options?: CallOptions): Promise<ResourceHandle<Spec>>;

  /** Lists the resources, the newest first. Pages are read as the iteration needs them. */
  list(options?: ListOptions): AsyncGenerator<ListedResource<Spec>, void, undefined>;
}

export function createCollection<Spec extends ResourceSpec>(transport: Transport, url: string): Collection<Spec> {
  const urlOf = (id: string): string => {
    // `.` and `..` are path segments with a meaning, and an empty id is the URL of the collection.
    if (/^\.{0,2}$/.test(id)) throw new AfootError("invalid-id", `${JSON.stringify(id)} is not the id of a resource`);
    return `${url}/${encodeURIComponent(id)}`;
  };
  const handleOf = (resourceUrl: string, reply: Reply): ResourceHandle<Spec> =>
    createResourceHandle(transport, resourceUrl, reply);
  const read = async (resourceUrl: string, options?: CallOptions): Promise<ResourceHandle<Spec>> =>
    handleOf(resourceUrl, await send(transport, { method: "GET", url: resourceUrl }, options));

  return {
    url,
    async create(configuration, options) {
      const reply = await write(
        transport,
        { method: "POST", url, body: configureBody(configuration, options) },
        options,
      );
      // The URL is built from the id: a gateway that strips a prefix may leave Location as it is, and a browser may not
      // see it.
      return handleOf(urlOf(fieldsIn(url, reply).id), reply);
    },
    async put(id, configuration, options) {
      const headers: Record<string, string> = options?.ifAbsent === true ? { "if-none-match": "*" } : {};
      const request = { method: "PUT", url: urlOf(id), body: configureBody(configuration, options), headers };
      return handleOf(request.url, await write(transport, request, options));
    },
    get: async (id, options) => read(urlOf(id), options),
    async attach(resourceUrl, options) {
      const { href } = new URL(resourceUrl, url);
      if (href.replace(/\/[^/?#]+$/, "") === url) return read(href, options);
      throw new AfootError("foreign-url", `${href} is not the URL of a resource in ${url}`);
    },
    list({ status, id, pageSize: limit, updatedAfter, metadata = {}, ...options } = {}) {
      const parameters: Parameters = { status, id, limit, updatedAfter };
      for (const [key, value] of Object.entries(metadata)) parameters[`metadata.${key}`] = value;
      return readPages(transport, url, parameters, options);
    },
  };
}
