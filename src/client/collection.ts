import type { ResourceSpec } from "../core/definition/resource-type.ts";
import { AfootError } from "../core/errors.ts";
import { fieldsIn } from "./following/read-state.ts";
import { send } from "./http/send.ts";
import type { Transport } from "./http/transport.ts";
import { type CallOptions, toSendOptions, write, type WriteOptions } from "./http/write.ts";
import { readPages } from "./pages.ts";
import { ResourceHandle } from "./resource-handle.ts";
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
export class Collection<Spec extends ResourceSpec = ResourceSpec> {
  readonly url: string;
  readonly #transport: Transport;

  /** @internal */
  constructor(transport: Transport, url: string) {
    this.url = url;
    this.#transport = transport;
  }

  /**
   * Creates a resource, and resolves once the server has accepted it. `settled()` of the handle waits for its work.
   *
   * @throws ProblemError, such as `validation` with every error in `problem.errors`; UnreachableError after `timeoutMs`
   */
  async create(configuration: ConfigurationInput<Spec>, options: WriteOptions = {}): Promise<ResourceHandle<Spec>> {
    const reply = await write(this.#transport, { method: "POST", url: this.url, body: { configuration } }, options);
    // The URL is built from the id: a gateway that strips a prefix may leave Location as it is, and a browser may not
    // see it.
    return new ResourceHandle(this.#transport, this.#urlOf(fieldsIn(this.url, reply).id), reply);
  }

  /** Creates a resource under an id of your own, or replaces its configuration. */
  async put(
    id: string,
    configuration: ConfigurationInput<Spec>,
    options: PutOptions = {},
  ): Promise<ResourceHandle<Spec>> {
    const url = this.#urlOf(id);
    const headers: Record<string, string> = options.ifAbsent === true ? { "if-none-match": "*" } : {};
    const reply = await write(this.#transport, { method: "PUT", url, body: { configuration }, headers }, options);
    return new ResourceHandle(this.#transport, url, reply);
  }

  /** Reads a resource. @throws GoneError, ProblemError, UnreachableError */
  async get(id: string, options: CallOptions = {}): Promise<ResourceHandle<Spec>> {
    return this.#read(this.#urlOf(id), options);
  }

  /**
   * Reads a resource by the URL of its handle: in another process, after a restart, on another machine.
   *
   * @throws AfootError `foreign-url` for a URL outside this collection, because it would receive this client's
   * credentials; else as {@link get}
   */
  async attach(url: string | URL, options: CallOptions = {}): Promise<ResourceHandle<Spec>> {
    const { href } = new URL(url, this.url);
    const id = href.startsWith(`${this.url}/`) ? href.slice(this.url.length + 1) : "";
    if (!/^[^/?#]+$/.test(id)) {
      throw new AfootError("foreign-url", `${href} is not the URL of a resource in ${this.url}`);
    }
    return this.#read(href, options);
  }

  /** Lists the resources, the newest first. Pages are read as the iteration needs them. */
  list({ status, pageSize, ...options }: ListOptions = {}): AsyncGenerator<ListedResource<Spec>, void, undefined> {
    const query = [
      ...(status === undefined ? [] : [`status=${[status].flat().map(encodeURIComponent).join(",")}`]),
      ...(pageSize === undefined ? [] : [`limit=${pageSize}`]),
    ];
    return readPages<ListedResource<Spec>>(this.#transport, this.url, query, options);
  }

  async #read(url: string, options: CallOptions): Promise<ResourceHandle<Spec>> {
    const reply = await send(this.#transport, { method: "GET", url }, toSendOptions(options));
    return new ResourceHandle(this.#transport, url, reply);
  }

  #urlOf(id: string): string {
    // `.` and `..` are path segments with a meaning, and an empty id is the URL of the collection.
    if (/^\.{0,2}$/.test(id)) throw new AfootError("invalid-id", `${JSON.stringify(id)} is not the id of a resource`);
    return `${this.url}/${encodeURIComponent(id)}`;
  }
}
