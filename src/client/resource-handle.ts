import type { ResourceSpec } from "../core/definition/resource-type.ts";
import { AfootError } from "../core/errors.ts";
import { GoneError } from "./errors.ts";
import { Follower } from "./following/follower.ts";
import { readState } from "./following/read-state.ts";
import { states, succeeded, type WaitOptions } from "./following/states.ts";
import type { HistoryLine } from "./history.ts";
import { fieldsOf, type Reply } from "./http/reply.ts";
import type { CallOptions } from "./http/send.ts";
import type { Transport } from "./http/transport.ts";
import { configureBody, type ConfigureOptions, type StartOptions, write, type WriteOptions } from "./http/write.ts";
import { readPages } from "./pages.ts";
import type {
  ActionParameters,
  ConfigurationInput,
  MergePatch,
  MessageParameters,
  ResourceState,
  SucceededState,
} from "./types.ts";

/** Options of a change of a resource. */
export interface EditOptions extends WriteOptions {
  /**
   * Rejects the change, with a ProblemError of code `precondition-failed`, if the resource was edited since `state`.
   *
   * @default false
   */
  readonly ifUnchanged?: boolean;
}

/**
 * One resource: its latest state, and the methods that change it. Any number of handles, loops and promises may follow
 * one resource; those of one handle share one poll.
 *
 * Actions and messages are called by name, `act("stop", ...)` and `send("approval", ...)`, like their paths: a type may
 * name them `refresh` or `force-stop` without hiding a method, and each name has one spelling.
 */
export interface ResourceHandle<Spec extends ResourceSpec = ResourceSpec> extends AsyncIterable<ResourceState<Spec>> {
  readonly id: string;
  /** Identifies the resource in another process: `attach(url)`, or `afoot follow <url>`. */
  readonly url: string;
  /** The latest known state, from the latest reply that this handle received. */
  readonly state: ResourceState<Spec>;

  /** Yields the latest known state and each one that follows, up to the settled one. */
  states(options?: WaitOptions): AsyncIterable<ResourceState<Spec>>;

  /**
   * Resolves to the succeeded state, with all details.
   *
   * @throws ResourceFailedError, CancelledError if the latest operation failed or was cancelled; GoneError if the
   * resource is deleted; ProblemError if the server rejects the request; TimeLimitError, UnreachableError after
   * `timeoutMs`
   */
  settled(options?: WaitOptions): Promise<SucceededState<Spec>>;

  /**
   * Resolves once the resource is gone, after {@link delete}.
   *
   * @throws ResourceFailedError if the deletion failed; AfootError `not-deleted` if none was requested; else as {@link
   * settled}
   */
  deleted(options?: WaitOptions): Promise<void>;

  /** Requests the current state. @throws GoneError, ProblemError, UnreachableError */
  refresh(options?: CallOptions): Promise<ResourceState<Spec>>;

  /** Changes fields of the configuration by merge patch. `update({}, { metadata })` changes the metadata alone. */
  update(
    patch: MergePatch<ConfigurationInput<Spec>>,
    options?: EditOptions & ConfigureOptions,
  ): Promise<ResourceState<Spec>>;

  /** Replaces the whole configuration. */
  replace(
    configuration: ConfigurationInput<Spec>,
    options?: EditOptions & ConfigureOptions,
  ): Promise<ResourceState<Spec>>;

  /** Starts an action that the type declares. `deadline` needs an input that is an object without such a field, or none. */
  act(...parameters: ActionParameters<Spec, StartOptions>): Promise<ResourceState<Spec>>;

  /** Sends a message that the type receives, to work that waits for it with `receive`. */
  send(...parameters: MessageParameters<Spec, WriteOptions>): Promise<void>;

  /**
   * Requests cancellation of the operation in progress. {@link settled} rejects with CancelledError, unless the
   * operation succeeds first.
   */
  cancel(options?: WriteOptions): Promise<ResourceState<Spec>>;

  /** Retries the operation that failed or was cancelled. Recorded steps are not repeated. */
  retry(options?: WriteOptions): Promise<ResourceState<Spec>>;

  /** Requests deletion, also while an operation is in progress. The resource is gone once {@link deleted} resolves. */
  delete(options?: EditOptions): Promise<void>;

  /** Reads the history so far, the oldest first: operations, attempts, steps, errors. */
  history(options?: CallOptions): AsyncIterable<HistoryLine>;
}

/** @throws ProblemError `not-a-resource` for a reply without an id */
export function createResourceHandle<Spec extends ResourceSpec>(
  transport: Transport,
  url: string,
  reply: Reply,
): ResourceHandle<Spec> {
  let state = readState<Spec>(url, reply);
  const interpret = (next: Reply): ResourceState<Spec> => (state = readState<Spec>(url, next));
  const follower = new Follower(transport, url, interpret, true);
  follower.accept(reply);

  const change = async (method: string, options?: EditOptions, body?: unknown, path = ""): Promise<typeof state> => {
    const headers = {
      ...(method === "PATCH" && MERGE_PATCH),
      ...(options?.ifUnchanged === true && ifMatch(follower)),
    };
    follower.accept(await write(transport, { method, url: url + path, body, headers }, options));
    return state;
  };

  return {
    id: state.id,
    url,
    get state() {
      return state;
    },
    states: (options) => states(follower, options),
    [Symbol.asyncIterator]: () => states(follower),
    settled: async (options) => succeeded(follower, options),
    async deleted(options) {
      follower.invalidate();
      if (await isGone(succeeded(follower, options))) return;
      throw new AfootError("not-deleted", `${url} is not being deleted. Call delete() first.`);
    },
    async refresh(options) {
      await follower.refresh(options);
      return state;
    },
    update: async (configuration, options) => change("PATCH", options, configureBody(configuration, options)),
    replace: async (configuration, options) => change("PUT", options, configureBody(configuration, options)),
    act: async (...[name, input, options]) =>
      change(
        "POST",
        options,
        options?.deadline === undefined ? input : { ...fieldsOf(input), deadline: options.deadline },
        `/${name}`,
      ),
    async send(...[name, value, options]) {
      await write(transport, { method: "POST", url: `${url}/${name}`, body: value }, options);
    },
    cancel: async (options) => change("POST", options, undefined, "/cancel"),
    retry: async (options) => change("POST", options, undefined, "/retry"),
    async delete(options) {
      await isGone(change("DELETE", options), "resource-deleted");
    },
    history: (options) => readPages(transport, `${url}/history`, {}, options),
  };
}

const MERGE_PATCH = { "content-type": "application/merge-patch+json" };

function ifMatch({ etag, url }: { readonly etag: string; readonly url: string }): Record<string, string> {
  if (etag !== "") return { "if-match": etag };
  throw new AfootError("etag-missing", `${url}: the latest reply has no ETag`);
}

/**
 * Resolves to true if the promise rejects because the resource is gone. @param code the only code that counts @default
 * all
 */
async function isGone(pending: Promise<unknown>, code?: string): Promise<boolean> {
  try {
    await pending;
    return false;
  } catch (error) {
    if (error instanceof GoneError && (code ?? error.code) === error.code) return true;
    throw error;
  }
}
