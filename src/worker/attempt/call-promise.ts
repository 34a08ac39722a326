/** Receives the rejections of the promises of one call, and whether anything was attached to them. */
export interface RejectionTracker {
  /** Called at every rejection of a promise, whether it is awaited or not. */
  onRejected(error: unknown): void;
  /** Called when a promise was rejected before anything was attached to it. */
  onUnawaited(promise: Promise<unknown>, error: unknown): void;
  /** Called when something is attached to a promise, also after its rejection. */
  onAttached(promise: Promise<unknown>): void;
}

const ignore = (): void => {};

/**
 * The promise of a call, and every promise derived from it. A rejection never reaches the process as unhandled: the tracker decides
 * what happens to a rejection that is never awaited. It is a subclass because `await`, `Promise.all` and `Promise.race` call the
 * `then` method of a subclass, but not that of a plain promise.
 */
export class CallPromise<Result> extends Promise<Result> {
  /** True while an internal handler is attached, which must not count as an `await` of the work. */
  static #isInternal = false;

  #tracker: RejectionTracker | undefined;
  #isAttached = false;

  static override get [Symbol.species](): PromiseConstructor {
    return CallPromise.#isInternal ? Promise : CallPromise;
  }

  /** Creates a tracked promise. */
  static track<Result>(tracker: RejectionTracker): PromiseWithResolvers<Result> {
    let resolve: PromiseWithResolvers<Result>["resolve"] = ignore;
    let reject: PromiseWithResolvers<Result>["reject"] = ignore;
    const promise = new CallPromise<Result>((onResolve, onReject) => {
      resolve = onResolve;
      reject = onReject;
    });
    promise.#track(tracker);
    return { promise, resolve, reject };
  }

  // oxlint-disable-next-line unicorn/no-thenable -- it is a promise, whose `then` calls the original one
  override then<Fulfilled = Result, Rejected = never>(
    onFulfilled?: ((value: Result) => Fulfilled | PromiseLike<Fulfilled>) | null,
    onRejected?: ((reason: unknown) => Rejected | PromiseLike<Rejected>) | null,
  ): Promise<Fulfilled | Rejected> {
    this.#isAttached = true;
    this.#tracker?.onAttached(this);
    const derived = super.then(onFulfilled, onRejected);
    if (this.#tracker !== undefined && derived instanceof CallPromise) derived.#track(this.#tracker);
    return derived;
  }

  #track(tracker: RejectionTracker): void {
    this.#tracker = tracker;
    CallPromise.#isInternal = true;
    try {
      void super.then(undefined, (error: unknown) => {
        tracker.onRejected(error);
        if (!this.#isAttached) tracker.onUnawaited(this, error);
      });
    } finally {
      CallPromise.#isInternal = false;
    }
  }
}
