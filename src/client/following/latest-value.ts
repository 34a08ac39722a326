import type { FollowedState } from "./state.ts";

/** Keeps the latest state for one reader. A slow reader misses states in between, but never the settled one. */
export class LatestValue<State extends FollowedState> {
  #latest: State | undefined;
  #failure: { readonly error: unknown } | undefined;
  #arrived = Promise.withResolvers<void>();

  set(state: State): void {
    this.#latest = state;
    this.#arrived.resolve();
  }

  fail(error: unknown): void {
    this.#failure ??= { error };
    this.#arrived.resolve();
  }

  /**
   * Resolves to the latest unread state, once there is one. Rejects after `fail()`, unless a settled state came before
   * it.
   */
  async next(): Promise<State> {
    for (;;) {
      await this.#arrived.promise;
      const state = this.#latest;
      if (this.#failure !== undefined && state?.settled !== true) throw this.#failure.error;
      this.#arrived = Promise.withResolvers();
      this.#latest = undefined;
      if (state !== undefined) return state;
    }
  }
}
