import type { ResourceSpec } from "../core/definition/resource-type.ts";
import { AfootError } from "../core/errors.ts";
import { fieldsIn } from "./following/read-state.ts";
import type { Reply } from "./http/reply.ts";
import { type CallOptions, send } from "./http/send.ts";
import type { Transport } from "./http/transport.ts";
import { write, type WriteOptions } from "./http/write.ts";
import { readPages } from "./pages.ts";
import { createResourceHandle, type ResourceHandle } from "./resource-handle.ts";
import type { ConfigurationInput, ListedResource } from "./types.ts";

export interface PutOptions extends WriteOptions {
  /**
   * Only creates: rejects an existing id, with a ProblemError of code `precondition-failed`.
   *
   * @default false: an existing configuration is replaced
   */
  readonly ifAbsent?: boolean;
}

export interface ListOptions extends CallOptions {
  /** Status labels to include. @default all */
  readonly status?: string | readonly string[];
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
  create(configuration: ConfigurationInput<Spec>, options?: WriteOptions): Promise<ResourceHandle<Spec>>;

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
      const reply = await write(transport, { method: "POST", url, body: { configuration } }, options);
      // The URL is built from the id: a gateway that strips a prefix may leave Location as it is, and a browser may not
      // see it.
      return handleOf(urlOf(fieldsIn(url, reply).id), reply);
    },
    async put(id, configuration, { ifAbsent = false, ...options } = {}) {
      const headers: Record<string, string> = ifAbsent ? { "if-none-match": "*" } : {};
      const request = { method: "PUT", url: urlOf(id), body: { configuration }, headers };
      return handleOf(request.url, await write(transport, request, options));
    },
    get: async (id, options) => read(urlOf(id), options),
    async attach(resourceUrl, options) {
      const { href } = new URL(resourceUrl, url);
      if (href.replace(/\/[^/?#]+$/, "") === url) return read(href, options);
      throw new AfootError("foreign-url", `${href} is not the URL of a resource in ${url}`);
    },
    list({ status, pageSize, ...options } = {}) {
      const query = [
        ...(status === undefined ? [] : [`status=${[status].flat().map(encodeURIComponent).join(",")}`]),
        ...(pageSize === undefined ? [] : [`limit=${pageSize}`]),
      ];
      return readPages(transport, url, query, options);
    },
  };
}
