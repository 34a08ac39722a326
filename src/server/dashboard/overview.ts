import type { StoreReporting } from "../../core/ports/reporting.ts";
import type { SettledPoint } from "../../core/ports/statistics.ts";
import type { Endpoint, EndpointContext } from "../context.ts";
import { JSON_HEADERS, JSON_TYPE } from "../http/headers.ts";
import { Refusal } from "../http/problems.ts";
import { negotiate } from "../request/negotiate.ts";
import { parseQuery, textParameter } from "../request/query.ts";
import { percentile, PERIODS } from "../storage/statistics-periods.ts";
import type { OverviewView, Point, StatusCountView } from "./shapes.ts";
import { type VisibleScope, requireReporting, searchScopes, type VisibleTypes } from "./visible-resources.ts";

const PARAMETERS = ["type", "kind", "range"];

const MINUTE = PERIODS.minute.ms;
const HOUR = PERIODS.hour.ms;

/** Time ranges of the plot: the statistics period they are read from, and the duration of each point. */
const RANGES = {
  hour: { ms: HOUR, period: PERIODS.minute, pointMs: MINUTE },
  day: { ms: 24 * HOUR, period: PERIODS.quarter, pointMs: PERIODS.quarter.ms },
  week: { ms: 7 * 24 * HOUR, period: PERIODS.hour, pointMs: 2 * HOUR },
  month: { ms: 30 * 24 * HOUR, period: PERIODS.shift, pointMs: PERIODS.shift.ms },
} as const;

/** Maximum count, which bounds the cost of counting. The page shows "10,000 and more" beyond it. */
const MAX_COUNT = 10_000;

/** Counts resources by status label, and operations by the time they were settled and their duration. */
export function overviewEndpoint(context: EndpointContext, visibleTypes: VisibleTypes): Endpoint {
  const { clock } = context;
  return async (request) => {
    const query = parseQuery(request.http.query, PARAMETERS);
    negotiate(request.http.header("accept"), [JSON_TYPE]);
    const scope = await visibleTypes.scopeOf(request, query);
    const reporting = requireReporting(context);
    const range = rangeOf(textParameter(query, "range") ?? "hour");
    const now = clock.now();
    const { period, pointMs } = range;
    const from = Math.floor((now - range.ms) / pointMs) * pointMs + pointMs;
    const kind = textParameter(query, "kind");
    const types = scope.allOwners.map(({ type }) => type.name);
    const settledQuery = { periodMs: period.ms, from, types, pointMs, ...(kind === undefined ? {} : { kind }) };
    const [counts, settled] = await Promise.all([
      countsOf(reporting, scope),
      // Statistics cover the resources of all owners, so only principals that may see all of them get any.
      scope.allOwners.length > 0 ? reporting.settledCounts(settledQuery) : undefined,
    ]);
    const points = settled === undefined ? undefined : pointsOf(settled, { from, to: now, pointMs });
    const view: OverviewView = { now, counts, pointMs, from, ...(points === undefined ? {} : { points }) };
    return { status: 200, headers: JSON_HEADERS, body: JSON.stringify(view) };
  };

  async function countsOf(reporting: StoreReporting, scope: VisibleScope): Promise<readonly StatusCountView[]> {
    const counted = await Promise.all(
      searchScopes(scope).map(async (searchScope) => reporting.statusCounts({ ...searchScope, max: MAX_COUNT + 1 })),
    );
    return counted.flat().map(({ type, status, count }) => ({
      path: visibleTypes.byName.get(type)?.type.path ?? type,
      status,
      count: Math.min(count, MAX_COUNT),
      isMore: count > MAX_COUNT,
    }));
  }
}

/** @throws Refusal `invalid-query` */
function rangeOf(name: string): (typeof RANGES)[keyof typeof RANGES] {
  const [, range] = Object.entries(RANGES).find(([known]) => known === name) ?? [];
  if (range !== undefined) return range;
  throw new Refusal(
    "invalid-query",
    `range: ${JSON.stringify(name)} is unknown; use one of ${Object.keys(RANGES).join(", ")}.`,
  );
}

interface Axis {
  readonly from: number;
  readonly to: number;
  readonly pointMs: number;
}

/** Converts counts to one point for each time slot, including empty ones. */
function pointsOf(counts: readonly SettledPoint[], { from, to, pointMs }: Axis): readonly Point[] {
  const byPoint = Map.groupBy(counts, ({ at }) => at);
  const points: Point[] = [];
  for (let at = from; at <= to; at += pointMs) {
    const counted = byPoint.get(at) ?? [];
    const succeeded = counted.filter(({ outcome }) => outcome === "succeeded");
    const durations = new Map<number, number>();
    for (const { bucket, count } of succeeded) durations.set(bucket, (durations.get(bucket) ?? 0) + count);
    points.push({
      at,
      succeeded: sum(succeeded),
      failed: sum(counted.filter(({ outcome }) => outcome === "failed")),
      cancelled: sum(counted.filter(({ outcome }) => outcome === "cancelled")),
      ...(durations.size === 0 ? {} : { medianMs: percentile(durations, 0.5), p95Ms: percentile(durations, 0.95) }),
    });
  }
  return points;
}

function sum(counts: readonly SettledPoint[]): number {
  return counts.reduce((total, { count }) => total + count, 0);
}
