import { attributeFault, onRejectionHandled, runDetached } from "./scope.ts";

let users = 0;

/**
 * Attributes unhandled rejections of the process to the attempts that caused them, so that an error of the work never ends the
 * process of an embedded app. All other unhandled rejections keep the behaviour that they have without this listener.
 *
 * @returns a function that removes the listener, once its last user has called it
 */
export function catchUnhandledRejections(): () => void {
  if (++users === 1) {
    process.on("unhandledRejection", onUnhandledRejection);
    process.on("rejectionHandled", onRejectionHandled);
  }
  let isReleased = false;
  return () => {
    if (isReleased) return;
    isReleased = true;
    if (--users > 0) return;
    process.off("unhandledRejection", onUnhandledRejection);
    process.off("rejectionHandled", onRejectionHandled);
  };
}

function onUnhandledRejection(reason: unknown, promise: Promise<unknown>): void {
  if (attributeFault(reason, promise) || process.listenerCount("unhandledRejection") > 1) return;
  // Node ends the process only if there is no listener: reject again without this one.
  process.off("unhandledRejection", onUnhandledRejection);
  runDetached(() => {
    // oxlint-disable-next-line typescript/prefer-promise-reject-errors -- it is the reason that the program chose
    void Promise.reject(reason);
    setImmediate(() => {
      if (users > 0) process.on("unhandledRejection", onUnhandledRejection);
    });
  });
}
