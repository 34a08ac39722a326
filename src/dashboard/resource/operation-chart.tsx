import type { ReactNode } from "react";
import { useNow } from "../components/now.ts";
import { durationText } from "../components/text.ts";
import type { OperationTimeline, Phase, StepSpan } from "./operation-timelines.ts";
import { tickOffsets } from "./ticks.ts";

export interface OperationChartProps {
  readonly timeline: OperationTimeline;
  readonly isLive: boolean;
}

/** A chart of one operation: its phases and steps over time. Screen readers read it as a table. */
export function OperationChart({ timeline, isLive }: OperationChartProps): ReactNode {
  const now = useNow();
  const end = timeline.to ?? (isLive ? Math.max(now, lastLineAt(timeline)) : lastLineAt(timeline));
  const scale = { from: timeline.from, to: Math.max(end, timeline.from + 1) };
  const attempts = new Set(timeline.phases.filter(({ name }) => name === "running").map(({ attempt }) => attempt));
  return (
    <table className="chart" role="table" aria-label="Phases and steps over time">
      <thead role="rowgroup" className="unseen">
        <tr role="row">
          <th role="columnheader" scope="col">
            Step
          </th>
          <th role="columnheader" scope="col">
            When
          </th>
          <th role="columnheader" scope="col">
            Duration
          </th>
        </tr>
      </thead>
      <tbody role="rowgroup">
        <tr role="row" className="chart-row chart-phases">
          <th role="rowheader" scope="row">
            {attempts.size > 1 ? `${attempts.size} tries` : "Operation"}
          </th>
          <td role="cell" className="track">
            <Grid scale={scale} />
            {timeline.phases.map((phase) => (
              <PhaseBar key={`${phase.name}${phase.from}`} phase={phase} scale={scale} />
            ))}
          </td>
          <td role="cell" className="chart-duration">
            {durationText(scale.to - scale.from)}
          </td>
        </tr>
        {timeline.steps.map((step) => (
          <StepRow key={`${step.step}${step.state}${step.from}`} step={step} scale={scale} isMany={attempts.size > 1} />
        ))}
        <tr role="row" className="chart-row chart-axis" aria-hidden="true">
          <td role="cell" />
          <td role="cell" className="track">
            {tickOffsets(scale.to - scale.from).map((ms) => (
              <span key={ms} className="tick" style={{ insetInlineStart: offsetPercent(scale.from + ms, scale) }}>
                {ms === 0 ? "0" : durationText(ms)}
              </span>
            ))}
          </td>
          <td role="cell" />
        </tr>
      </tbody>
    </table>
  );
}

interface Scale {
  readonly from: number;
  readonly to: number;
}

function offsetPercent(at: number, { from, to }: Scale): string {
  return `${((Math.min(Math.max(at, from), to) - from) / (to - from)) * 100}%`;
}

function spanStyle(
  from: number,
  to: number | undefined,
  scale: Scale,
): { insetInlineStart: string; inlineSize: string } {
  const end = to ?? scale.to;
  return {
    insetInlineStart: offsetPercent(from, scale),
    inlineSize: `${(Math.max(0, end - from) / (scale.to - scale.from)) * 100}%`,
  };
}

function lastLineAt({ lines, from }: OperationTimeline): number {
  return Date.parse(lines.at(-1)?.at ?? "") || from;
}

function Grid({ scale }: { readonly scale: Scale }): ReactNode {
  return tickOffsets(scale.to - scale.from).map((ms) => (
    <span
      key={ms}
      className="gridline"
      aria-hidden="true"
      style={{ insetInlineStart: offsetPercent(scale.from + ms, scale) }}
    />
  ));
}

const PHASE_TEXTS = {
  queued: "waiting for a worker",
  running: "running",
  waiting: "waiting",
  cancelling: "cancelling",
  undoing: "undoing",
} as const;

function PhaseBar({ phase, scale }: { readonly phase: Phase; readonly scale: Scale }): ReactNode {
  const text = `${PHASE_TEXTS[phase.name]}${phase.name === "running" ? `, try ${phase.attempt}` : ""}`;
  const duration = durationText((phase.to ?? scale.to) - phase.from);
  return (
    <span
      className={`bar bar-${phase.name}`}
      style={spanStyle(phase.from, phase.to, scale)}
      title={`${text}: ${duration}`}
    >
      <span className="unseen">
        {text} for {duration}.{" "}
      </span>
    </span>
  );
}

interface StepRowProps {
  readonly step: StepSpan;
  readonly scale: Scale;
  readonly isMany: boolean;
}

function StepRow({ step, scale, isMany }: StepRowProps): ReactNode {
  const duration = durationText((step.to ?? scale.to) - step.from);
  return (
    <tr role="row" className="chart-row">
      <th role="rowheader" scope="row">
        {step.step}
        {isMany ? <span className="attempt"> try {step.attempt}</span> : null}
      </th>
      <td role="cell" className="track">
        <Grid scale={scale} />
        <span
          className={`bar step-${step.state}`}
          style={spanStyle(step.from, step.to, scale)}
          title={`${step.state}: ${duration}`}
        >
          <span className="unseen">
            {step.state}, started after {durationText(step.from - scale.from)}
          </span>
        </span>
      </td>
      <td role="cell" className="chart-duration">
        {step.state === "done" || step.state === "running" ? null : (
          <span className={`step-word word-${step.state}`}>{step.state} </span>
        )}
        {duration}
      </td>
    </tr>
  );
}
