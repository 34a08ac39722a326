import { type ReactNode, useSyncExternalStore } from "react";

let message = "";
const listeners = new Set<() => void>();

/** Announces a text to screen readers. The region is polite, so it waits until the user is idle. */
export function announce(text: string): void {
  message = text;
  for (const listener of listeners) listener();
}

/** The live region of the page. It must exist exactly once. */
export function Announcer(): ReactNode {
  const text = useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    () => message,
  );
  return (
    <div className="unseen" role="status" aria-live="polite">
      {text}
    </div>
  );
}
