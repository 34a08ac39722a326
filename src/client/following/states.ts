import { onAbort } from "../../core/scheduling/pause.ts";
import { CancelledError, ResourceFailedError, TimeLimitError, UnreachableError } from "../errors.ts";
import type { Retry } from "../http/send.ts";
import type { Follower } from "./follower.ts";
import type { FollowedState } from "./state.ts";

/** Limits of a call that waits for the end of an operation. */
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
  { signal, timeoutMs, onRetry }: WaitOptions = {},
  everyChange = true,
): AsyncGenerator<State, void, undefined> {
  let latest: State | undefined;
  let failure: { readonly error: unknown } | undefined;
  let arrived = Promise.withResolvers<void>();
  const onState = (state: State): void => {
    latest = state;
    arrived.resolve();
  };
  const onError = (error: unknown): void => {
    failure ??= { error };
    arrived.resolve();
  };
  const unbind = onAbort(signal, onError);
  const { transport, url } = follower;
  const onTimeLimit = (limitMs: number): void => {
    const { lastError } = follower;
    onError(lastError === undefined ? new TimeLimitError(url, limitMs) : new UnreachableError(url, lastError));
  };
  const cancelLimit =
    timeoutMs === undefined ? undefined : transport.clock.after(timeoutMs, () => onTimeLimit(timeoutMs));
  const unlisten = follower.listen({ everyChange, onState, onError, onRetry });
  try {
    for (;;) {
      await arrived.promise;
      const state = latest;
      if (failure !== undefined && state?.settled !== true) throw failure.error;
      arrived = Promise.withResolvers();
      latest = undefined;
      if (state === undefined) continue;
      yield state;
      if (state.settled) return;
    }
  } finally {
    unlisten();
    cancelLimit?.();
    unbind();
  }
}

/**
 * Resolves to the succeeded state.
 *
 * @throws ResourceFailedError, CancelledError if the operation failed or was cancelled; else as {@link states}
 */
export async function succeeded<State extends FollowedState>(
  follower: Follower<State>,
  options?: WaitOptions,
): Promise<State & { readonly succeeded: true }> {
  for await (const state of states(follower, options, false)) {
    if (isSucceeded(state)) return state;
    const { settled, error } = state;
    if (!settled || error === undefined) continue;
    throw error.code === "cancelled"
      ? new CancelledError(follower.url, state)
      : new ResourceFailedError(follower.url, state, error);
  }
  throw new TypeError("not settled");
}

function isSucceeded<State extends FollowedState>(state: State): state is State & { readonly succeeded: true } {
  return state.succeeded;
}
