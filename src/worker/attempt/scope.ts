import { AsyncLocalStorage } from "node:async_hooks";

/** The receiver of unhandled errors of the work. */
export interface UnhandledErrorHandler {
  onUnhandledError(error: unknown): void;
  /** @param step name of the step that created the promise */
  onUnhandledRejection(promise: Promise<unknown>, error: unknown, step: string | undefined): void;
  onRejectionHandled(promise: Promise<unknown>): void;
}

interface Scope {
  readonly attempt: UnhandledErrorHandler;
  /** Name of the running step. */
  readonly step?: string;
}

const scopes = new AsyncLocalStorage<Scope | undefined>();
const attributed = new WeakMap<Promise<unknown>, UnhandledErrorHandler>();

/** Runs the work so that unhandled errors of anything that it starts are attributed to its attempt. */
export function runInAttempt<Result>(attempt: UnhandledErrorHandler, run: () => Result): Result {
  return scopes.run({ attempt }, run);
}

/** Runs a step so that calls inside it are recognized. */
export function runInStep<Result>(attempt: UnhandledErrorHandler, step: string, run: () => Result): Result {
  return scopes.run({ attempt, step }, run);
}

/** Runs code that belongs to no attempt, even if the work has triggered it. */
export function runDetached<Result>(run: () => Result): Result {
  return scopes.run(undefined, run);
}

/** Returns the step of `attempt` that the current code runs in, if any. */
export function currentStep(attempt: UnhandledErrorHandler): string | undefined {
  const scope = scopes.getStore();
  return scope?.attempt === attempt ? scope.step : undefined;
}

/** The error that was attributed last. */
let latest: { readonly attempt: UnhandledErrorHandler; readonly error: unknown } | undefined;

/**
 * Attributes an uncaught error to the attempt that caused it: that attempt fails, everything else continues. Call it directly in
 * the `unhandledRejection` and `uncaughtException` handlers of the process.
 *
 * @param promise the rejected promise, in an `unhandledRejection` handler: the attempt fails only if the work does not handle it later
 * @returns false if the error belongs to no attempt
 */
export function attributeFault(error: unknown, promise?: Promise<unknown>): boolean {
  const scope = scopes.getStore();
  if (scope === undefined) return false;
  const { attempt, step } = scope;
  if (promise === undefined) {
    // Several listeners of the process may attribute the same error.
    if (latest?.attempt !== attempt || latest.error !== error) attempt.onUnhandledError(error);
    latest = { attempt, error };
  } else {
    attributed.set(promise, attempt);
    attempt.onUnhandledRejection(promise, error, step);
  }
  return true;
}

/** Withdraws an attributed rejection, because the work has handled the promise later. */
export function onRejectionHandled(promise: Promise<unknown>): void {
  attributed.get(promise)?.onRejectionHandled(promise);
}
