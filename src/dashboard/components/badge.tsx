import type { ReactNode } from "react";
import { type Mood, MOODS } from "./status-tone.ts";

/** A status: its label, with a shape and a colour for what it means. */
export function Badge({ status, mood }: { readonly status: string; readonly mood: Mood }): ReactNode {
  return (
    <span className={`badge mood-${mood}`}>
      <Shape mood={mood} />
      <span className="badge-text">{status}</span>
      <span className="unseen">, {MOODS[mood]}</span>
    </span>
  );
}

const PATHS: Readonly<Record<Mood, string>> = {
  good: "M2.5 6.5 5 9l4.5-6",
  bad: "M3 3l6 6M9 3l-6 6",
  stopped: "M3 6h6",
  busy: "M6 2.5a3.5 3.5 0 1 1-3.5 3.5",
  waiting: "M4.2 3.2v5.6M7.8 3.2v5.6",
  undoing: "M3 6a3.2 3.2 0 1 0 1.2-2.5M3 2.2v2.2h2.2",
};

function Shape({ mood }: { readonly mood: Mood }): ReactNode {
  return (
    <svg className={`shape shape-${mood}`} viewBox="0 0 12 12" aria-hidden="true">
      <path
        d={PATHS[mood]}
        fill="none"
        stroke="currentColor"
        strokeWidth="1.8"
        strokeLinecap="round"
        strokeLinejoin="round"
      />
    </svg>
  );
}
