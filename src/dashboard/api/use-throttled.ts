import { useEffect, useEffectEvent, useRef, useState } from "react";

/** Throttles a callback: all calls within `ms` cause one call at the end of that time. */
export function useThrottled(callback: () => void, ms: number): () => void {
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  const latestCallback = useEffectEvent(callback);
  const [call] = useState(() => () => {
    timer.current ??= setTimeout(() => {
      timer.current = undefined;
      latestCallback();
    }, ms);
  });
  useEffect(() => () => clearTimeout(timer.current), []);
  return call;
}
