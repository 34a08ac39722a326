import { scaleLinear, type ScaleLinear, scaleTime, type ScaleTime } from "d3-scale";
import { type ReactNode, type RefObject, useId, useLayoutEffect, useRef, useState } from "react";
import type { Point } from "../../server/dashboard/shapes.ts";

export interface PlotScales {
  readonly x: ScaleTime<number, number>;
  readonly y: ScaleLinear<number, number>;
  readonly width: number;
}

export interface PlotProps {
  readonly title: string;
  /** Text alternative. */
  readonly summary: string;
  readonly points: readonly Point[];
  readonly pointMs: number;
  readonly max: number;
  readonly tickText: (value: number) => string;
  readonly legend: readonly (readonly [name: string, className: string])[];
  readonly table: ReactNode;
  readonly draw: (scales: PlotScales) => ReactNode;
}

const HEIGHT = 220;
const LEFT = 52;
const RIGHT = 20;
const TOP = 10;
const BOTTOM = 26;

/** A plot over time with axes, legend and a table of the same data. */
export function Plot({ title, summary, points, pointMs, max, tickText, legend, table, draw }: PlotProps): ReactNode {
  const [frame, width] = useWidth();
  const id = useId();
  const [first, last] = [points[0]?.at ?? 0, (points.at(-1)?.at ?? 0) + pointMs];
  const x = scaleTime([first, last], [LEFT, Math.max(LEFT + 10, width - RIGHT)]);
  const y = scaleLinear([0, Math.max(max, 1)], [HEIGHT - BOTTOM, TOP]).nice(4);
  return (
    <section className="card plot" aria-labelledby={id}>
      <h2 id={id}>{title}</h2>
      <ul className="legend">
        {legend.map(([name, className]) => (
          <li key={name}>
            <span className={`swatch ${className}`} aria-hidden="true" />
            {name}
          </li>
        ))}
      </ul>
      <div ref={frame} className="plot-frame">
        {width === 0 ? null : (
          <svg width={width} height={HEIGHT} role="img" aria-label={summary}>
            <Axes x={x} y={y} width={width} tickText={tickText} />
            {draw({ x, y, width })}
          </svg>
        )}
      </div>
      <details className="raw">
        <summary>
          As a table<span className="unseen">: {title}</span>
        </summary>
        <div className="scroll" tabIndex={0} role="region" aria-label={`${title} as a table`}>
          {table}
        </div>
      </details>
    </section>
  );
}

interface AxesProps extends PlotScales {
  readonly tickText: (value: number) => string;
}

function Axes({ x, y, width, tickText }: AxesProps): ReactNode {
  const format = tickFormat(x);
  return (
    <g className="axes">
      {y
        .ticks(4)
        .filter((value) => tickText(value) !== "")
        .map((value) => (
          <g key={value}>
            <line x1={LEFT} x2={width - RIGHT} y1={y(value)} y2={y(value)} />
            <text x={LEFT - 8} y={y(value)} dy="0.32em" textAnchor="end">
              {tickText(value)}
            </text>
          </g>
        ))}
      {x.ticks(Math.max(2, Math.floor(width / 120))).map((at) => (
        <text key={at.getTime()} x={x(at)} y={HEIGHT - 6} textAnchor="middle">
          {format(at)}
        </text>
      ))}
    </g>
  );
}

const CLOCK = new Intl.DateTimeFormat(undefined, { hour: "2-digit", minute: "2-digit", hourCycle: "h23" });
const DATE = new Intl.DateTimeFormat(undefined, { day: "numeric", month: "short" });
const DAY_MS = 86_400_000;

/** Formats ticks as time up to 36 hours, and as date beyond. */
function tickFormat(x: PlotScales["x"]): (at: Date) => string {
  const [from, to] = x.domain();
  const isLong = from !== undefined && to !== undefined && to.getTime() - from.getTime() > 1.5 * DAY_MS;
  return (at) => (isLong ? DATE : CLOCK).format(at);
}

/** Observes the width of an element. */
function useWidth(): readonly [RefObject<HTMLDivElement | null>, number] {
  const frame = useRef<HTMLDivElement>(null);
  const [width, setWidth] = useState(0);
  useLayoutEffect(() => {
    const element = frame.current;
    if (element === null) return undefined;
    const observer = new ResizeObserver(() => setWidth(element.clientWidth));
    observer.observe(element);
    setWidth(element.clientWidth);
    return () => observer.disconnect();
  }, []);
  return [frame, width];
}
