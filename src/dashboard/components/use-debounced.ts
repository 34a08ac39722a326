import { useEffect, useEffectEvent, useRef, useState } from "react";

/** Calls back once for all calls within the time, at its end. */
export function useSeldom(callback: () => void, ms: number): () => void {
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  const due = useEffectEvent(callback);
  const [call] = useState(() => () => {
    timer.current ??= setTimeout(() => {
      timer.current = undefined;
      due();
    }, ms);
  });
  useEffect(() => () => clearTimeout(timer.current), []);
  return call;
}
