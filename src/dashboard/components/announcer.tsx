import { type ReactNode, useSyncExternalStore } from "react";

let said = "";
const listeners = new Set<() => void>();

/** Says something to those who listen to the page rather than look at it, once what they do leaves time for it. */
export function announce(text: string): void {
  said = text;
  for (const listener of listeners) listener();
}

/** The one place where changes are said. */
export function Announcer(): ReactNode {
  const text = useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    () => said,
  );
  return (
    <div className="unseen" role="status" aria-live="polite">
      {text}
    </div>
  );
}
