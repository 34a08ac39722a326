import { AttemptAbort } from "./abort.ts";
import type { RejectionTracker } from "./call-promise.ts";
import { UnawaitedError } from "./failure.ts";

/** Time that the work gets to handle a rejection of one of its own promises, while it calls nothing. */
const HANDLING_GRACE_MS = 5000;

/** The parts of an attempt that the rejections depend on. */
export interface RejectionContext {
  readonly aborted: AttemptAbort | undefined;
  readonly activity: { readonly isRunning: boolean };
  after(ms: number, callback: () => void): void;
  onUnhandledError(error: unknown): void;
}

interface Rejection {
  readonly error: UnawaitedError;
  /** Name of the step that created the promise. */
  readonly step: string | undefined;
}

/**
 * The rejected promises of an attempt that the work has not awaited yet. A rejection reaches the code that awaits it, however late;
 * those left at the end of the work fail the attempt. A rejection caused by an abort is no error of the work.
 */
export class UnawaitedRejections {
  readonly #context: RejectionContext;
  readonly #rejections = new Map<Promise<unknown>, Rejection>();
  /** The calls by the errors that they were rejected with: names the origin of an error that an own promise passes on. */
  readonly #calls = new WeakMap<object, string>();

  constructor(context: RejectionContext) {
    this.#context = context;
  }

  /** The earliest error. */
  get first(): UnawaitedError | undefined {
    return this.#rejections.values().next().value?.error;
  }

  /** Returns the earliest error of the promises that a step or its undo has created. */
  firstOf(step: string): UnawaitedError | undefined {
    return this.#rejections.values().find((rejection) => rejection.step === step)?.error;
  }

  /** Tracks the promises of a call. */
  trackerOf(call: string): RejectionTracker {
    return {
      onRejected: (error) => {
        if (typeof error === "object" && error !== null) this.#calls.set(error, call);
      },
      onUnawaited: (promise, error) => {
        this.#add(promise, `${JSON.stringify(call)} failed, and the work never awaited it`, { error });
      },
      onAttached: (promise) => {
        this.onHandled(promise);
      },
    };
  }

  /**
   * Adds a rejection of one of the work's own promises, which the process has reported. It fails the attempt after a grace period
   * without a call, because anything else that the work awaits is invisible.
   */
  addOwn(promise: Promise<unknown>, error: unknown, step: string | undefined): void {
    if (this.#rejections.has(promise)) return;
    const added = this.#add(promise, this.#problemOf(error, step), { error, step });
    if (added !== undefined) this.#failLater(promise, added, step);
  }

  onHandled(promise: Promise<unknown>): void {
    this.#rejections.delete(promise);
  }

  #problemOf(error: unknown, step: string | undefined): string {
    const call = typeof error === "object" && error !== null ? this.#calls.get(error) : undefined;
    if (call !== undefined) {
      return `${JSON.stringify(call)} failed, and the work never awaited the promise that waited for it`;
    }
    const owner = step === undefined ? "the work" : JSON.stringify(step);
    return `A promise in ${owner} was rejected and never awaited`;
  }

  #add(
    promise: Promise<unknown>,
    problem: string,
    { error, step }: { readonly error: unknown; readonly step?: string | undefined },
  ): UnawaitedError | undefined {
    if (error instanceof AttemptAbort || this.#context.aborted !== undefined) return undefined;
    const unawaited = new UnawaitedError(problem, error);
    this.#rejections.set(promise, { error: unawaited, step });
    return unawaited;
  }

  #failLater(promise: Promise<unknown>, error: UnawaitedError, step: string | undefined): void {
    this.#context.after(HANDLING_GRACE_MS, () => {
      if (!this.#rejections.has(promise)) return;
      // Outside of a step, the work may await the promise after the call that is running.
      if (step === undefined && this.#context.activity.isRunning) this.#failLater(promise, error, step);
      else this.#context.onUnhandledError(error);
    });
  }
}
