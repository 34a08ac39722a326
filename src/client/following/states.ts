import { onAbort } from "../../core/scheduling/pause.ts";
import { CancelledError, ResourceFailedError, TimeLimitError, UnreachableError } from "../errors.ts";
import type { Retry } from "../http/send.ts";
import type { Follower } from "./follower.ts";
import { LatestValue } from "./latest-value.ts";
import type { FollowedState } from "./state.ts";

export interface WaitOptions {
  /** Stops following; the resource is not affected. The promise or loop throws the signal's reason. */
  readonly signal?: AbortSignal;
  /** Time limit for following. @default no limit */
  readonly timeoutMs?: number;
  /** Called after a failed request that will be retried. */
  readonly onRetry?: (retry: Retry) => void;
}

/**
 * Yields the latest state and each one that follows, up to the settled one. A slow reader gets the latest state and
 * misses those in between.
 *
 * @throws GoneError, ProblemError if the server replies with one
 * @throws TimeLimitError after `timeoutMs`; UnreachableError if the server did not reply at that moment
 */
export async function* states<State extends FollowedState>(
  follower: Follower<State>,
  { signal, timeoutMs, onRetry }: WaitOptions,
  everyChange = true,
): AsyncGenerator<State, void, undefined> {
  const latest = new LatestValue<State>();
  const onState = latest.set.bind(latest);
  const onError = latest.fail.bind(latest);
  const unbind = onAbort(signal, onError);
  const cancelLimit = startTimeLimit(follower, timeoutMs, onError);
  const unlisten = follower.listen({ everyChange, onState, onError, onRetry });
  try {
    for (;;) {
      const state = await latest.next();
      yield state;
      if (state.settled) return;
    }
  } finally {
    unlisten();
    cancelLimit();
    unbind();
  }
}

function startTimeLimit<State extends FollowedState>(
  follower: Follower<State>,
  timeoutMs: number | undefined,
  fail: (error: unknown) => void,
): () => void {
  if (timeoutMs === undefined) return () => {};
  const { transport, url } = follower;
  return transport.clock.after(timeoutMs, () => {
    const { lastError } = follower;
    fail(lastError === undefined ? new TimeLimitError(url, timeoutMs) : new UnreachableError(url, lastError));
  });
}

/**
 * Resolves to the succeeded state.
 *
 * @throws ResourceFailedError, CancelledError if the operation failed or was cancelled; else as {@link states}
 */
export async function succeeded<State extends FollowedState>(
  follower: Follower<State>,
  options: WaitOptions,
): Promise<State & { readonly succeeded: true }> {
  for await (const state of states(follower, options, false)) {
    if (isSucceeded(state)) return state;
    if (state.settled) throw failureOf(follower.url, state);
  }
  throw new TypeError("not settled");
}

function isSucceeded<State extends FollowedState>(state: State): state is State & { readonly succeeded: true } {
  return state.succeeded;
}

function failureOf(url: string, state: FollowedState): ResourceFailedError | CancelledError {
  const { error } = state;
  return error?.code === "cancelled" ? new CancelledError(url, state) : new ResourceFailedError(url, state);
}
