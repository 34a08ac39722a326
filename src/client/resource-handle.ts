import type { ResourceSpec } from "../core/definition/resource-type.ts";
import { AfootError } from "../core/errors.ts";
import { GoneError } from "./errors.ts";
import { Follower } from "./following/follower.ts";
import { readState } from "./following/read-state.ts";
import { states, succeeded, type WaitOptions } from "./following/states.ts";
import type { HistoryLine } from "./history.ts";
import type { Reply } from "./http/reply.ts";
import type { OutgoingRequest } from "./http/send.ts";
import type { Transport } from "./http/transport.ts";
import { type CallOptions, toSendOptions, write, type WriteOptions } from "./http/write.ts";
import { readPages } from "./pages.ts";
import type {
  ActionName,
  ActionParameters,
  ConfigurationInput,
  MergePatch,
  MessageName,
  MessageValue,
  ResourceState,
  SucceededState,
} from "./types.ts";

export interface EditOptions extends WriteOptions {
  /**
   * Rejects the change, with a ProblemError of code `precondition-failed`, if the resource was edited since `state`.
   *
   * @default false
   */
  readonly ifUnchanged?: boolean;
}

/** A write to the resource, or to a path below it. */
interface HandleWrite extends Omit<OutgoingRequest, "url"> {
  readonly path?: string;
}

/**
 * One resource: its latest state, and the methods that change it. Any number of handles, loops and promises may follow
 * one resource; those of one handle share one poll.
 *
 * Actions and messages are called by name, `act("stop", ...)` and `send("approval", ...)`, like their paths: a type may
 * name them `refresh` or `force-stop` without hiding a method, and each name has one spelling.
 */
export class ResourceHandle<Spec extends ResourceSpec = ResourceSpec> implements AsyncIterable<ResourceState<Spec>> {
  readonly id: string;
  /** Identifies the resource in another process: `attach(url)`, or `afoot follow <url>`. */
  readonly url: string;
  readonly #transport: Transport;
  readonly #follower: Follower<ResourceState<Spec>>;
  #state: ResourceState<Spec>;

  /** @internal */
  constructor(transport: Transport, url: string, reply: Reply) {
    this.url = url;
    this.#transport = transport;
    const interpret = (next: Reply): ResourceState<Spec> => {
      this.#state = readState<Spec>(url, next);
      return this.#state;
    };
    this.#follower = new Follower(transport, url, interpret, true);
    this.#state = readState<Spec>(url, reply);
    this.id = this.#state.id;
    this.#follower.accept(reply);
  }

  /** The latest known state, from the latest reply that this handle received. */
  get state(): ResourceState<Spec> {
    return this.#state;
  }

  /** Yields the latest known state and each one that follows, up to the settled one. */
  states(options: WaitOptions = {}): AsyncIterable<ResourceState<Spec>> {
    return states(this.#follower, options);
  }

  [Symbol.asyncIterator](): AsyncIterator<ResourceState<Spec>> {
    return states(this.#follower, {});
  }

  /**
   * Resolves to the succeeded state, with all details.
   *
   * @throws ResourceFailedError, CancelledError if the latest operation failed or was cancelled; GoneError if the
   * resource is deleted; ProblemError if the server rejects the request; TimeLimitError, UnreachableError after
   * `timeoutMs`
   */
  async settled(options: WaitOptions = {}): Promise<SucceededState<Spec>> {
    return succeeded(this.#follower, options);
  }

  /**
   * Resolves once the resource is gone, after {@link delete}.
   *
   * @throws ResourceFailedError if the deletion failed; AfootError `not-deleted` if none was requested; else as {@link
   * settled}
   */
  async deleted(options: WaitOptions = {}): Promise<void> {
    this.#follower.invalidate();
    try {
      await succeeded(this.#follower, options);
    } catch (error) {
      if (error instanceof GoneError) return;
      throw error;
    }
    throw new AfootError("not-deleted", `${this.url} is settled and no deletion is in progress. Call delete() first.`);
  }

  /** Requests the current state. @throws GoneError, ProblemError, UnreachableError */
  async refresh(options: CallOptions = {}): Promise<ResourceState<Spec>> {
    await this.#follower.refresh(toSendOptions(options));
    return this.#state;
  }

  /** Changes fields of the configuration by merge patch. */
  async update(patch: MergePatch<ConfigurationInput<Spec>>, options: EditOptions = {}): Promise<ResourceState<Spec>> {
    const headers = { "content-type": "application/merge-patch+json", ...this.#condition(options) };
    return this.#write({ method: "PATCH", body: { configuration: patch }, headers }, options);
  }

  /** Replaces the whole configuration. */
  async replace(configuration: ConfigurationInput<Spec>, options: EditOptions = {}): Promise<ResourceState<Spec>> {
    return this.#write({ method: "PUT", body: { configuration }, headers: this.#condition(options) }, options);
  }

  /** Starts an action that the type declares. */
  async act<Name extends ActionName<Spec>>(
    name: Name,
    ...[input, options = {}]: ActionParameters<Spec, Name, WriteOptions>
  ): Promise<ResourceState<Spec>> {
    return this.#write({ method: "POST", path: `/${name}`, body: input }, options);
  }

  /** Sends a message that the type receives, to work that waits for it with `receive`. */
  async send<Name extends MessageName<Spec>>(
    name: Name,
    value: MessageValue<Spec, Name>,
    options: WriteOptions = {},
  ): Promise<void> {
    await write(this.#transport, { method: "POST", url: `${this.url}/${name}`, body: value }, options);
  }

  /**
   * Requests cancellation of the operation in progress. {@link settled} rejects with CancelledError, unless the
   * operation succeeds first.
   */
  async cancel(options: WriteOptions = {}): Promise<ResourceState<Spec>> {
    return this.#write({ method: "POST", path: "/cancel" }, options);
  }

  /** Retries the operation that failed or was cancelled. Recorded steps are not repeated. */
  async retry(options: WriteOptions = {}): Promise<ResourceState<Spec>> {
    return this.#write({ method: "POST", path: "/retry" }, options);
  }

  /** Requests deletion, also while an operation is in progress. The resource is gone once {@link deleted} resolves. */
  async delete(options: EditOptions = {}): Promise<void> {
    try {
      await this.#write({ method: "DELETE", headers: this.#condition(options) }, options);
    } catch (error) {
      if (!(error instanceof GoneError) || error.code !== "resource-deleted") throw error;
    }
  }

  /** Reads the history so far, the oldest first: operations, attempts, steps, errors. */
  history(options: CallOptions = {}): AsyncIterable<HistoryLine> {
    return readPages<HistoryLine>(this.#transport, `${this.url}/history`, [], options);
  }

  async #write({ path = "", ...request }: HandleWrite, options: WriteOptions): Promise<ResourceState<Spec>> {
    const reply = await write(this.#transport, { ...request, url: this.url + path }, options);
    this.#follower.accept(reply);
    return this.#state;
  }

  #condition({ ifUnchanged = false }: EditOptions): Record<string, string> {
    const { etag } = this.#follower;
    return ifUnchanged && etag !== null ? { "if-match": etag } : {};
  }
}
