import type { Reply } from "../http/reply.ts";
import { createTransport, type TransportOptions } from "../http/transport.ts";
import { Follower } from "./follower.ts";
import { embeddedStatus, type Reader, type Snapshot, snapshotOf } from "./reading.ts";
import { states, succeeded, type WaitOptions } from "./states.ts";

/** Options of {@link follow}. */
export interface FollowOptions extends TransportOptions, WaitOptions {
  /** Reads status and outcome from a reply. @default embeddedStatus */
  readonly read?: Reader;
}

/** A resource of any API that is being followed. */
export interface Following<Representation> extends AsyncIterable<Snapshot<Representation>> {
  readonly url: string;
  /** The latest known state; undefined before the first reply. */
  readonly state: Snapshot<Representation> | undefined;
  /**
   * Resolves to the succeeded state.
   *
   * @throws ResourceFailedError, CancelledError if it failed or was cancelled; GoneError; ProblemError; TimeLimitError;
   * UnreachableError
   */
  settled(): Promise<Snapshot<Representation>>;
}

/**
 * Follows a resource of any API that shows the status of its work in its own representation. Nothing is sent before the
 * first `settled()` or `for await`; both share one poll. Lost connections, 429 and 5xx are retried without end, or
 * until `timeoutMs`.
 *
 * `Representation` is the type that you expect; it is not validated.
 */
export function follow<Representation = unknown>(
  url: string | URL,
  options: FollowOptions = {},
): Following<Representation> {
  const { read = embeddedStatus } = options;
  const interpret = (reply: Reply): Snapshot<Representation> => snapshotOf<Representation>(reply, read);
  const follower = new Follower(createTransport(options), String(url), interpret, false);
  return {
    url: follower.url,
    get state() {
      return follower.state;
    },
    settled: () => succeeded(follower, options),
    [Symbol.asyncIterator]: () => states(follower, options),
  };
}
