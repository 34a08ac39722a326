import type { ReactNode } from "react";
import type { ResourceUpdate } from "../api/live-resources.ts";
import { useNow } from "./now.ts";
import { remainingText } from "./text.ts";

export interface ProgressProps {
  /** Progress as an integer below 100. Undefined if unknown. */
  readonly percent: number | undefined;
  readonly label: string;
}

/** A progress bar. Without a number it is indeterminate. */
export function Progress({ percent, label }: ProgressProps): ReactNode {
  const value = percent === undefined ? {} : { "aria-valuenow": percent, "aria-valuetext": `${percent}%` };
  return (
    <div
      className={percent === undefined ? "progress progress-unknown" : "progress"}
      role="progressbar"
      aria-label={label}
      aria-valuemin={0}
      aria-valuemax={100}
      {...value}
    >
      <div className="progress-bar" style={{ inlineSize: percent === undefined ? undefined : `${percent}%` }} />
    </div>
  );
}

interface RemainingProps {
  readonly item: Pick<ResourceUpdate, "remainingMs" | "receivedAt" | "operation">;
}

/** The time remaining, counted down since the last update. */
export function Remaining({ item }: RemainingProps): ReactNode {
  useNow();
  // An operation that waits for a message has no estimate.
  if (item.remainingMs === undefined || item.operation.awaiting.length > 0) return null;
  return <span className="remaining">{remainingText(item.remainingMs - (performance.now() - item.receivedAt))}</span>;
}
