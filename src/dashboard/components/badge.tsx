import type { ReactNode } from "react";
import { type StatusTone, TONE_TEXTS } from "./status-tone.ts";

/** A status label with a shape and a colour for its tone. */
export function Badge({ status, tone }: { readonly status: string; readonly tone: StatusTone }): ReactNode {
  return (
    <span className={`badge tone-${tone}`}>
      <Shape tone={tone} />
      <span className="badge-text">{status}</span>
      <span className="unseen">, {TONE_TEXTS[tone]}</span>
    </span>
  );
}

const SHAPE_PATHS: Readonly<Record<StatusTone, string>> = {
  good: "M2.5 6.5 5 9l4.5-6",
  bad: "M3 3l6 6M9 3l-6 6",
  stopped: "M3 6h6",
  busy: "M6 2.5a3.5 3.5 0 1 1-3.5 3.5",
  waiting: "M4.2 3.2v5.6M7.8 3.2v5.6",
  cancelling: "M3.5 3.5h5v5h-5z",
  undoing: "M3 6a3.2 3.2 0 1 0 1.2-2.5M3 2.2v2.2h2.2",
};

function Shape({ tone }: { readonly tone: StatusTone }): ReactNode {
  return (
    <svg className={`shape shape-${tone}`} viewBox="0 0 12 12" aria-hidden="true">
      <path
        d={SHAPE_PATHS[tone]}
        fill="none"
        stroke="currentColor"
        strokeWidth="1.8"
        strokeLinecap="round"
        strokeLinejoin="round"
      />
    </svg>
  );
}
