import type { ReactNode } from "react";

export interface ProgressProps {
  /** A whole number below 100; left out where nothing is known of it. */
  readonly percent: number | undefined;
  readonly label: string;
}

/** A bar; without a number it says only that something goes on. */
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
