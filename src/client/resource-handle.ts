import type { ResourceSpec } from "../core/definition/resource-type.ts";
import { AfootError } from "../core/errors.ts";
import { GoneError } from "./errors.ts";
import { Follower } from "./following/follower.ts";
import { readState } from "./following/read-state.ts";
import { states, succeeded, type WaitOptions } from "./following/states.ts";
import type { HistoryLine } from "./history.ts";
import type { Answer } from "./http/reply.ts";
import type { Outgoing } from "./http/send.ts";
import type { Transport } from "./http/transport.ts";
import { type CallOptions, read, write, type WriteOptions } from "./http/write.ts";
import { pages } from "./pages.ts";
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
   * Refuses the change, with a ProblemError of code `precondition-failed`, when the resource was edited since `state`.
   *
   * @default false
   */
  readonly ifUnchanged?: boolean;
}

/** A write to the resource, or to a path below it. */
interface Written extends Omit<Outgoing, "url"> {
  readonly path?: string;
}

/**
 * One resource: its latest state, and all that can be done to it. Any number of handles, loops and promises may follow one
 * resource; those of one handle share one poll.
 *
 * Actions and messages go by name, `act("stop", ...)` and `send("approval", ...)`, as their paths do: a type may name them
 * `refresh` or `force-stop` without hiding a method, and no name is written in two ways.
 */
export class ResourceHandle<Spec extends ResourceSpec = ResourceSpec> implements AsyncIterable<ResourceState<Spec>> {
  readonly id: string;
  /** All that is needed to come back: `attach(url)`, or `afoot follow <url>`. */
  readonly url: string;
  readonly #transport: Transport;
  readonly #follower: Follower<ResourceState<Spec>>;
  #state: ResourceState<Spec>;

  /** @internal */
  constructor(transport: Transport, url: string, answer: Answer) {
    this.url = url;
    this.#transport = transport;
    const interpret = (next: Answer): ResourceState<Spec> => {
      this.#state = readState<Spec>(url, next);
      return this.#state;
    };
    this.#follower = new Follower(transport, url, interpret, true);
    this.#state = readState<Spec>(url, answer);
    this.id = this.#state.id;
    this.#follower.accept(answer);
  }

  /** The latest state known: as the last request of this handle found it. */
  get state(): ResourceState<Spec> {
    return this.#state;
  }

  /** Gives the latest state known and each that follows, up to the settled one, whatever that is. */
  states(options: WaitOptions = {}): AsyncIterable<ResourceState<Spec>> {
    return states(this.#follower, options);
  }

  [Symbol.asyncIterator](): AsyncIterator<ResourceState<Spec>> {
    return states(this.#follower, {});
  }

  /**
   * Resolves to the state of success, details whole.
   *
   * @throws ResourceFailedError, CancelledError when the latest operation ended so; GoneError when the resource is deleted;
   * ProblemError when the server refuses to show it; TimeLimitError, UnreachableError after `timeoutMs`
   */
  async settled(options: WaitOptions = {}): Promise<SucceededState<Spec>> {
    return succeeded(this.#follower, options);
  }

  /**
   * Resolves once the resource is gone, after {@link delete}.
   *
   * @throws ResourceFailedError when deleting failed; AfootError `not-deleted` when nobody asked for it; else as {@link settled}
   */
  async deleted(options: WaitOptions = {}): Promise<void> {
    this.#follower.doubt();
    try {
      await succeeded(this.#follower, options);
    } catch (error) {
      if (error instanceof GoneError) return;
      throw error;
    }
    throw new AfootError("not-deleted", `${this.url} is settled and nothing deletes it; call delete() first`);
  }

  /** Reads the state anew. @throws GoneError, ProblemError, UnreachableError */
  async refresh(options: CallOptions = {}): Promise<ResourceState<Spec>> {
    await this.#follower.refresh(read(options));
    return this.#state;
  }

  /** Changes fields of the configuration, by merge patch. */
  async update(patch: MergePatch<ConfigurationInput<Spec>>, options: EditOptions = {}): Promise<ResourceState<Spec>> {
    const headers = { "content-type": "application/merge-patch+json", ...this.#condition(options) };
    return this.#write({ method: "PATCH", body: { configuration: patch }, headers }, options);
  }

  /** Replaces the whole configuration. */
  async replace(configuration: ConfigurationInput<Spec>, options: EditOptions = {}): Promise<ResourceState<Spec>> {
    return this.#write({ method: "PUT", body: { configuration }, headers: this.#condition(options) }, options);
  }

  /** Begins an action that the type declares. */
  async act<Name extends ActionName<Spec>>(
    name: Name,
    ...[input, options = {}]: ActionParameters<Spec, Name, WriteOptions>
  ): Promise<ResourceState<Spec>> {
    return this.#write({ method: "POST", path: `/${name}`, body: input }, options);
  }

  /** Posts a message that the type receives, for work that waits for it. */
  async send<Name extends MessageName<Spec>>(
    name: Name,
    value: MessageValue<Spec, Name>,
    options: WriteOptions = {},
  ): Promise<void> {
    await write(this.#transport, { method: "POST", url: `${this.url}/${name}`, body: value }, options);
  }

  /** Asks to cancel what is in progress. It is cancelled once {@link settled} says so; a success already on its way still wins. */
  async cancel(options: WriteOptions = {}): Promise<ResourceState<Spec>> {
    return this.#write({ method: "POST", path: "/cancel" }, options);
  }

  /** Begins anew what failed or was cancelled; steps already done are not repeated. */
  async retry(options: WriteOptions = {}): Promise<ResourceState<Spec>> {
    return this.#write({ method: "POST", path: "/retry" }, options);
  }

  /** Asks to delete it, in progress or not. It is gone once {@link deleted} resolves. */
  async delete(options: EditOptions = {}): Promise<void> {
    try {
      await this.#write({ method: "DELETE", headers: this.#condition(options) }, options);
    } catch (error) {
      if (!(error instanceof GoneError) || error.code !== "resource-deleted") throw error;
    }
  }

  /** Reads what happened to it so far: operations, attempts, steps, errors, the oldest first. */
  history(options: CallOptions = {}): AsyncIterable<HistoryLine> {
    return pages<HistoryLine>(this.#transport, `${this.url}/history`, [], options);
  }

  async #write({ path = "", ...outgoing }: Written, options: WriteOptions): Promise<ResourceState<Spec>> {
    const answer = await write(this.#transport, { ...outgoing, url: this.url + path }, options);
    this.#follower.accept(answer);
    return this.#state;
  }

  #condition({ ifUnchanged = false }: EditOptions): Record<string, string> {
    const { etag } = this.#follower;
    return ifUnchanged && etag !== null ? { "if-match": etag } : {};
  }
}
