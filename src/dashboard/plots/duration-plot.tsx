import type { ReactNode } from "react";
import type { Point } from "../../server/dashboard/shapes.ts";
import { durationText, instantText } from "../components/text.ts";
import { Plot, type PlotScales } from "./plot.tsx";
import type { TimeSeriesProps } from "./throughput-plot.tsx";

type Percentile = "medianMs" | "p95Ms";

/** Durations of successful operations, from acceptance to the end. */
export function DurationPlot({ points, pointMs }: TimeSeriesProps): ReactNode {
  const measured = points.filter(({ medianMs }) => medianMs !== undefined);
  const latest = measured.at(-1);
  return (
    <Plot
      title="Duration of successful operations"
      summary={
        latest === undefined
          ? "No operation succeeded in this period."
          : `Latest median ${durationText(latest.medianMs ?? 0)}, 95th percentile ${durationText(latest.p95Ms ?? 0)}.`
      }
      points={points}
      pointMs={pointMs}
      max={Math.max(1000, ...measured.map(({ p95Ms = 0 }) => p95Ms))}
      tickText={(ms) => (ms === 0 ? "0" : durationText(ms))}
      legend={[
        ["median", "line-medianMs"],
        ["95th percentile", "line-p95Ms"],
      ]}
      table={<Table points={measured} />}
      draw={(scales) => (
        <>
          <Line points={points} name="p95Ms" pointMs={pointMs} scales={scales} />
          <Line points={points} name="medianMs" pointMs={pointMs} scales={scales} />
        </>
      )}
    />
  );
}

interface LineProps extends TimeSeriesProps {
  readonly name: Percentile;
  readonly scales: PlotScales;
}

/** A line through the measured points, with a gap where there are none. */
function Line({ points, name, pointMs, scales: { x, y } }: LineProps): ReactNode {
  let path = "";
  let isOpen = false;
  for (const point of points) {
    const ms = point[name];
    if (ms !== undefined) path += `${isOpen ? "L" : "M"}${x(point.at + pointMs / 2).toFixed(1)} ${y(ms).toFixed(1)}`;
    isOpen = ms !== undefined;
  }
  return (
    <g className={`line-${name}`}>
      <path d={path} fill="none" />
      {points.map((point) => {
        const ms = point[name];
        return ms === undefined ? null : (
          <circle key={point.at} cx={x(point.at + pointMs / 2)} cy={y(ms)} r={points.length > 70 ? 1.5 : 2.5}>
            <title>{`${durationText(ms)}, ${instantText(point.at)}`}</title>
          </circle>
        );
      })}
    </g>
  );
}

function Table({ points }: { readonly points: readonly Point[] }): ReactNode {
  return (
    <table className="events-table">
      <thead>
        <tr>
          <th scope="col">From</th>
          <th scope="col">Median</th>
          <th scope="col">95th percentile</th>
        </tr>
      </thead>
      <tbody>
        {points.map(({ at, medianMs = 0, p95Ms = 0 }) => (
          <tr key={at}>
            <th scope="row">{instantText(at)}</th>
            <td>{durationText(medianMs)}</td>
            <td>{durationText(p95Ms)}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
