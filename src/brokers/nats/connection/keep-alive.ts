/** Maximum period of a timer. */
const MAX_TIMER_MS = 2 ** 31 - 1;

/**
 * Keeps the process alive until the returned function is called. While NATS is unavailable, a worker has no open socket
 * that would keep its process alive.
 */
export function keepProcessAlive(): () => void {
  // oxlint-disable-next-line eslint/no-restricted-globals -- it never fires; its existence keeps the process alive
  const timer = setInterval(() => {}, MAX_TIMER_MS);
  return () => {
    clearInterval(timer);
  };
}
