import type { ReactNode } from "react";
import type { Point } from "../../server/dashboard/shapes.ts";
import { countText, durationText, instantText } from "../components/text.ts";
import { Plot, type PlotScales } from "./plot.tsx";

export interface TimeSeriesProps {
  readonly points: readonly Point[];
  readonly pointMs: number;
}

const MINUTE_MS = 60_000;

const OUTCOMES = ["succeeded", "failed", "cancelled"] as const;

/** Number of settled operations by outcome. */
export function ThroughputPlot({ points, pointMs }: TimeSeriesProps): ReactNode {
  const total = (name: (typeof OUTCOMES)[number]): number => points.reduce((sum, point) => sum + point[name], 0);
  return (
    <Plot
      title={`Settled operations per ${pointMs === MINUTE_MS ? "minute" : durationText(pointMs)}`}
      summary={`${OUTCOMES.map((name) => `${countText(total(name))} ${name}`).join(", ")} in this period.`}
      points={points}
      pointMs={pointMs}
      max={Math.max(0, ...points.map(({ succeeded, failed, cancelled }) => succeeded + failed + cancelled))}
      tickText={(value) => (Number.isInteger(value) ? countText(value) : "")}
      legend={OUTCOMES.map((name) => [`${name} ${countText(total(name))}`, `fill-${name}`])}
      table={<Table points={points} />}
      draw={(scales) => points.map((point) => <Bars key={point.at} point={point} pointMs={pointMs} scales={scales} />)}
    />
  );
}

interface BarsProps {
  readonly point: Point;
  readonly pointMs: number;
  readonly scales: PlotScales;
}

/** Stacked bars of one point, the successes at the bottom. */
function Bars({ point, pointMs, scales: { x, y } }: BarsProps): ReactNode {
  const left = x(point.at);
  const width = Math.max(1, x(point.at + pointMs) - left - 1.5);
  let offset = 0;
  return OUTCOMES.map((name) => {
    const count = point[name];
    if (count === 0) return null;
    const bottom = y(offset);
    offset += count;
    return (
      <rect
        key={name}
        className={`fill-${name}`}
        x={left}
        y={y(offset)}
        width={width}
        height={bottom - y(offset)}
        rx={1}
      >
        <title>{`${count} ${name}, ${instantText(point.at)}`}</title>
      </rect>
    );
  });
}

function Table({ points }: { readonly points: readonly Point[] }): ReactNode {
  return (
    <table className="events-table">
      <thead>
        <tr>
          <th scope="col">From</th>
          {OUTCOMES.map((name) => (
            <th key={name} scope="col">
              {name}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {points
          .filter(({ succeeded, failed, cancelled }) => succeeded + failed + cancelled > 0)
          .map((point) => (
            <tr key={point.at}>
              <th scope="row">{instantText(point.at)}</th>
              {OUTCOMES.map((name) => (
                <td key={name}>{countText(point[name])}</td>
              ))}
            </tr>
          ))}
      </tbody>
    </table>
  );
}
