import { onAbort } from "../../core/scheduling/pause.ts";
import { CancelledError, ResourceFailedError, TimeLimitError, UnreachableError } from "../errors.ts";
import type { Retry } from "../http/send.ts";
import type { Follower } from "./follower.ts";
import { Mailbox } from "./latest-value.ts";
import type { FollowedState } from "./state.ts";

export interface WaitOptions {
  /** Ends the following, never the resource. The promise or loop throws the signal's reason. */
  readonly signal?: AbortSignal;
  /** How long to follow in all. @default without end */
  readonly timeoutMs?: number;
  /** Called when a request came to nothing and will be sent again. */
  readonly onRetry?: (retry: Retry) => void;
}

/**
 * Gives the latest state and each that follows, up to the settled one. A slow reader is given the latest state, not every one in between.
 *
 * @throws GoneError, ProblemError as the server answers
 * @throws TimeLimitError when `timeoutMs` is over; UnreachableError where nothing was heard at that moment
 */
export async function* states<State extends FollowedState>(
  follower: Follower<State>,
  { signal, timeoutMs, onRetry }: WaitOptions,
  every = true,
): AsyncGenerator<State, void, undefined> {
  const mailbox = new Mailbox<State>();
  const onState = mailbox.put.bind(mailbox);
  const onError = mailbox.fail.bind(mailbox);
  const unbind = onAbort(signal, onError);
  const stop = limit(follower, timeoutMs, onError);
  const unlisten = follower.listen({ every, onState, onError, onRetry });
  try {
    for (;;) {
      const state = await mailbox.take();
      yield state;
      if (state.settled) return;
    }
  } finally {
    unlisten();
    stop();
    unbind();
  }
}

function limit<State extends FollowedState>(
  follower: Follower<State>,
  timeoutMs: number | undefined,
  fail: (error: unknown) => void,
): () => void {
  if (timeoutMs === undefined) return () => {};
  const { transport, url } = follower;
  return transport.clock.after(timeoutMs, () => {
    const { trouble } = follower;
    fail(trouble === undefined ? new TimeLimitError(url, timeoutMs) : new UnreachableError(url, trouble));
  });
}

/**
 * Resolves to the succeeded state.
 *
 * @throws ResourceFailedError, CancelledError when the resource is settled otherwise; else as {@link states}
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
