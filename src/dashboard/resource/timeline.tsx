import type { HistoryLine } from "afoot/client";
import { type ReactNode, useMemo } from "react";
import type { Heard } from "../api/resources.ts";
import { labelText } from "../components/text.ts";
import { EventTable } from "./event-table.tsx";
import { CourseChart } from "./operation-chart.tsx";
import { coursesOf } from "./operation-timelines.ts";

export interface TimelineProps {
  readonly lines: readonly HistoryLine[];
  readonly summary: Heard | undefined;
  readonly isLoading: boolean;
}

/** What has happened: the latest operation as a chart, those before on demand. */
export function Timeline({ lines, summary, isLoading }: TimelineProps): ReactNode {
  const [latest, ...earlier] = useMemo(() => coursesOf(lines), [lines]);
  return (
    <section className="card" aria-labelledby="timeline" aria-busy={isLoading}>
      <h2 id="timeline">Timeline</h2>
      {latest === undefined ? (
        <div className="timeline-empty">{isLoading ? null : <p>Its history is not kept any more.</p>}</div>
      ) : (
        <>
          <h3>
            {labelText(latest.kind)}
            {latest.outcome === undefined ? ", in progress" : `, ${latest.outcome}`}
          </h3>
          <CourseChart course={latest} isLive={summary?.operation.settledAt === null} />
          <details className="events">
            <summary>All events ({latest.lines.length})</summary>
            <EventTable lines={latest.lines} />
          </details>
        </>
      )}
      {earlier.length === 0 ? null : <h3>Before</h3>}
      {earlier.map((course) => (
        <details key={course.id} className="earlier">
          <summary>
            {labelText(course.kind)}, {course.outcome ?? "not ended"}
            <time dateTime={new Date(course.from).toISOString()}>{new Date(course.from).toLocaleString()}</time>
          </summary>
          <CourseChart course={course} isLive={false} />
          <EventTable lines={course.lines} />
        </details>
      ))}
    </section>
  );
}
