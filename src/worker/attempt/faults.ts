import { AsyncLocalStorage } from "node:async_hooks";

/** What a fault of work is told to. */
export interface Faulty {
  fault(error: unknown): void;
}

interface Scope {
  readonly attempt: Faulty;
  /** The step that runs, where one does. */
  readonly step?: string;
}

const scopes = new AsyncLocalStorage<Scope | undefined>();

/** Runs work so that whatever it starts is known to be its own. */
export function within<Result>(attempt: Faulty, run: () => Result): Result {
  return scopes.run({ attempt }, run);
}

/** Runs a step so that what it calls is known to stand inside it. */
export function withinStep<Result>(attempt: Faulty, step: string, run: () => Result): Result {
  return scopes.run({ attempt, step }, run);
}

/** Runs what belongs to no work, also when work happens to have set it off. */
export function outsideWork<Result>(run: () => Result): Result {
  return scopes.run(undefined, run);
}

/** The step of `attempt` inside which this code runs, if any. */
export function currentStep(attempt: Faulty): string | undefined {
  const scope = scopes.getStore();
  return scope?.attempt === attempt ? scope.step : undefined;
}

/**
 * Lays an error that nothing has caught at the door of the work that left it: that attempt fails, everything else goes on.
 * For a process's `unhandledRejection` and `uncaughtException` handlers, called in them directly.
 *
 * @returns false where the error belongs to no work
 */
export function attributeFault(error: unknown): boolean {
  const scope = scopes.getStore();
  if (scope === undefined) return false;
  scope.attempt.fault(error);
  return true;
}
