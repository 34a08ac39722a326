/** Ctrl-C reaches a process twice if a parent such as npm forwards it. Only a later one means that the user does not want to wait. */
const REPEATED_SIGNAL_MS = 1000;

/**
 * Resolves to the exit code once a signal or a fatal error requests the stop. Further SIGTERMs are ignored, because the stop has a time
 * limit. A second Ctrl-C ends the process immediately.
 */
export async function stopRequested(fatalError: AbortSignal): Promise<number> {
  const exitCode = Promise.withResolvers<number>();
  process.on("SIGTERM", () => exitCode.resolve(0));
  process.once("SIGINT", () => {
    exitCode.resolve(0);
    const ignore = (): void => {};
    process.on("SIGINT", ignore);
    setTimeout(() => process.off("SIGINT", ignore), REPEATED_SIGNAL_MS).unref();
  });
  fatalError.addEventListener("abort", () => exitCode.resolve(1));
  return exitCode.promise;
}
