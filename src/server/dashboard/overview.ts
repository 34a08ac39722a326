import type { SettledPoint } from "../../core/ports/store.ts";
import type { Endpoint, EndpointContext } from "../context.ts";
import { JSON_HEADERS } from "../http/headers.ts";
import { Refusal } from "../http/problems.ts";
import { JSON_TYPE, negotiate } from "../request/negotiate.ts";
import { parseQuery } from "../request/query.ts";
import { percentile, PERIODS } from "../storage/statistics-periods.ts";
import type { OverviewView, Point, StatusCountView } from "./shapes.ts";
import { type Scope, scopesOf, type ShownTypes, textParameter } from "./visible-resources.ts";

const PARAMETERS = ["type", "kind", "range"];

const MINUTE = PERIODS.minute.ms;
const HOUR = PERIODS.hour.ms;

/** What can be looked back at: from which periods it is read, and how long each point of the plot is. */
const RANGES = {
  hour: { ms: HOUR, period: PERIODS.minute, pointMs: MINUTE },
  day: { ms: 24 * HOUR, period: PERIODS.quarter, pointMs: PERIODS.quarter.ms },
  week: { ms: 7 * 24 * HOUR, period: PERIODS.hour, pointMs: 2 * HOUR },
  month: { ms: 30 * 24 * HOUR, period: PERIODS.shift, pointMs: PERIODS.shift.ms },
} as const;

/** So far counts go: beyond it, "10,000 and more" says as much, and costs as little however many there are. */
const MOST_COUNTED = 10_000;

/** How many resources show each label, and how many operations were settled when, and how long they took. */
export function overviewEndpoint({ store, clock }: EndpointContext, shown: ShownTypes): Endpoint {
  return async (call) => {
    const query = parseQuery(call.request.query, PARAMETERS);
    negotiate(call.request.header("accept"), [JSON_TYPE]);
    const scope = await shown.scopeOf(call, query);
    const range = rangeOf(textParameter(query, "range") ?? "hour");
    const now = clock.now();
    const { period, pointMs } = range;
    const from = Math.floor((now - range.ms) / pointMs) * pointMs + pointMs;
    const kind = textParameter(query, "kind");
    const types = scope.everybodys.map(({ type }) => type.name);
    const settledQuery = { periodMs: period.ms, from, types, pointMs, ...(kind === undefined ? {} : { kind }) };
    const [counts, settled] = await Promise.all([
      countsOf(scope),
      // What happens to everybody's resources is for those who may see them.
      scope.everybodys.length > 0 ? store.settled(settledQuery) : undefined,
    ]);
    const points = settled === undefined ? undefined : pointsOf(settled, { from, to: now, pointMs });
    const view: OverviewView = { now, counts, pointMs, from, ...(points === undefined ? {} : { points }) };
    return { status: 200, headers: JSON_HEADERS, body: JSON.stringify(view) };
  };

  async function countsOf(scope: Scope): Promise<readonly StatusCountView[]> {
    const counted = await Promise.all(
      scopesOf(scope).map(async (own) => store.statusCounts({ ...own, most: MOST_COUNTED + 1 })),
    );
    return counted.flat().map(({ type, status, count }) => ({
      path: shown.byName.get(type)?.type.path ?? type,
      status,
      count: Math.min(count, MOST_COUNTED),
      isMore: count > MOST_COUNTED,
    }));
  }
}

/** @throws Refusal `invalid-query` */
function rangeOf(name: string): (typeof RANGES)[keyof typeof RANGES] {
  const [, range] = Object.entries(RANGES).find(([known]) => known === name) ?? [];
  if (range !== undefined) return range;
  throw new Refusal("invalid-query", `range: ${JSON.stringify(name)} is none of ${Object.keys(RANGES).join(", ")}.`);
}

interface Axis {
  readonly from: number;
  readonly to: number;
  readonly pointMs: number;
}

/** One point for each stretch of time, those without anything too. */
function pointsOf(counts: readonly SettledPoint[], { from, to, pointMs }: Axis): readonly Point[] {
  const byPoint = Map.groupBy(counts, ({ at }) => at);
  const points: Point[] = [];
  for (let at = from; at <= to; at += pointMs) {
    const own = byPoint.get(at) ?? [];
    const succeeded = own.filter(({ outcome }) => outcome === "succeeded");
    const durations = new Map<number, number>();
    for (const { bucket, count } of succeeded) durations.set(bucket, (durations.get(bucket) ?? 0) + count);
    points.push({
      at,
      succeeded: sum(succeeded),
      failed: sum(own.filter(({ outcome }) => outcome === "failed")),
      cancelled: sum(own.filter(({ outcome }) => outcome === "cancelled")),
      ...(durations.size === 0 ? {} : { medianMs: percentile(durations, 0.5), p95Ms: percentile(durations, 0.95) }),
    });
  }
  return points;
}

function sum(counts: readonly SettledPoint[]): number {
  return counts.reduce((total, { count }) => total + count, 0);
}
