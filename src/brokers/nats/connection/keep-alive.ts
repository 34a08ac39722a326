/** The longest period of a timer. */
const FOR_EVER_MS = 2 ** 31 - 1;

/**
 * Keeps the process alive until it is let go: while NATS is away, a worker has nothing open that would, and waits all the same.
 */
export function keptAlive(): () => void {
  // oxlint-disable-next-line eslint/no-restricted-globals -- It never fires: what counts is that it is there.
  const timer = setInterval(() => {}, FOR_EVER_MS);
  return () => {
    clearInterval(timer);
  };
}
