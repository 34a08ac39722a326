import { attributeFault, onRejectionHandled, runDetached } from "./scope.ts";

let users = 0;

function addListeners(): void {
  process.on("unhandledRejection", onUnhandledRejection);
  process.on("rejectionHandled", onRejectionHandled);
  process.on("uncaughtException", onUncaughtException);
}

function removeListeners(): void {
  process.off("unhandledRejection", onUnhandledRejection);
  process.off("rejectionHandled", onRejectionHandled);
  process.off("uncaughtException", onUncaughtException);
}

/**
 * Attributes unhandled rejections and uncaught exceptions of the process to the attempts that caused them, so that an
 * error of the work never ends the process of an embedded app. All others keep the behaviour that they have without this
 * listener.
 *
 * @returns a function that removes the listeners, once its last user has called it
 */
export function catchUncaughtErrors(): () => void {
  if (++users === 1) addListeners();
  let isReleased = false;
  return () => {
    if (isReleased) return;
    isReleased = true;
    if (--users === 0) removeListeners();
  };
}

function onUnhandledRejection(reason: unknown, promise: Promise<unknown>): void {
  if (attributeFault(reason, promise) || process.listenerCount("unhandledRejection") > 1) return;
  withoutListeners(() => {
    // oxlint-disable-next-line typescript/prefer-promise-reject-errors -- it is the reason that the program chose
    void Promise.reject(reason);
  });
}

function onUncaughtException(error: unknown): void {
  if (attributeFault(error) || process.listenerCount("uncaughtException") > 1) return;
  withoutListeners(() => {
    process.nextTick(() => {
      throw error;
    });
  });
}

/** Lets an error happen again. Node ends the process only if there is no listener. */
function withoutListeners(fail: () => void): void {
  removeListeners();
  runDetached(() => {
    fail();
    setImmediate(() => {
      if (users > 0) addListeners();
    });
  });
}
