import type { Answer } from "../http/reply.ts";
import { createTransport, type TransportOptions } from "../http/transport.ts";
import { Follower } from "./follower.ts";
import { embeddedStatus, type Reader, type Snapshot, snapshotOf } from "./reading.ts";
import { states, succeeded, type WaitOptions } from "./states.ts";

export interface FollowOptions extends TransportOptions, WaitOptions {
  /** Tells from an answer how the resource stands. @default embeddedStatus */
  readonly read?: Reader;
}

/** A resource of any API, followed to its end. */
export interface Following<Representation> extends AsyncIterable<Snapshot<Representation>> {
  readonly url: string;
  /** The latest state known; undefined before the first answer. */
  readonly state: Snapshot<Representation> | undefined;
  /**
   * Resolves to the state of success.
   *
   * @throws ResourceFailedError, CancelledError when it is settled otherwise; GoneError; ProblemError; TimeLimitError; UnreachableError
   */
  settled(): Promise<Snapshot<Representation>>;
}

/**
 * Follows a resource of any API that shows the status of its work in its own representation. Nothing is sent before the first
 * `settled()` or `for await`; both together share one poll. Lost connections, 429 and 5xx are survived for as long as it takes,
 * or until `timeoutMs`.
 *
 * `Representation` is what you expect, not what was checked.
 */
export function follow<Representation = unknown>(
  url: string | URL,
  options: FollowOptions = {},
): Following<Representation> {
  const { read = embeddedStatus } = options;
  const interpret = (answer: Answer): Snapshot<Representation> => snapshotOf<Representation>(answer, read);
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
