import type { FollowedState } from "./state.ts";

/** Holds the latest state for one reader: a slow one misses those in between, and never the settled one. */
export class Mailbox<State extends FollowedState> {
  #latest: State | undefined;
  #failure: { readonly error: unknown } | undefined;
  #arrived = Promise.withResolvers<void>();

  put(state: State): void {
    this.#latest = state;
    this.#arrived.resolve();
  }

  fail(error: unknown): void {
    this.#failure ??= { error };
    this.#arrived.resolve();
  }

  /**
   * Resolves to the latest state, once there is one that was not taken yet. Rejects when it failed, unless a settled state came
   * before.
   */
  async take(): Promise<State> {
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
