import type { HistoryLine } from "afoot/client";
import { type ReactNode, useMemo } from "react";
import type { ResourceUpdate } from "../api/live-resources.ts";
import { labelText } from "../components/text.ts";
import { EventTable } from "./event-table.tsx";
import { OperationChart } from "./operation-chart.tsx";
import { operationTimelines } from "./operation-timelines.ts";

export interface TimelineProps {
  readonly lines: readonly HistoryLine[];
  readonly summary: ResourceUpdate | undefined;
  readonly isLoading: boolean;
}

/** The history of a resource: the latest operation as a chart, earlier ones collapsed. */
export function Timeline({ lines, summary, isLoading }: TimelineProps): ReactNode {
  const [latest, ...earlier] = useMemo(() => operationTimelines(lines), [lines]);
  return (
    <section className="card" aria-labelledby="timeline" aria-busy={isLoading}>
      <h2 id="timeline">Timeline</h2>
      {latest === undefined ? (
        <div className="timeline-empty">{isLoading ? null : <p>The history is no longer kept.</p>}</div>
      ) : (
        <>
          <h3>
            {labelText(latest.kind)}
            {latest.outcome === undefined ? ", in progress" : `, ${latest.outcome}`}
          </h3>
          <OperationChart timeline={latest} isLive={summary?.operation.settledAt === null} />
          <details className="events">
            <summary>All events ({latest.lines.length})</summary>
            <EventTable lines={latest.lines} />
          </details>
        </>
      )}
      {earlier.length === 0 ? null : <h3>Earlier operations</h3>}
      {earlier.map((timeline) => (
        <details key={timeline.id} className="earlier">
          <summary>
            {labelText(timeline.kind)}, {timeline.outcome ?? "in progress"}
            <time dateTime={new Date(timeline.from).toISOString()}>{new Date(timeline.from).toLocaleString()}</time>
          </summary>
          <OperationChart timeline={timeline} isLive={false} />
          <EventTable lines={timeline.lines} />
        </details>
      ))}
    </section>
  );
}
