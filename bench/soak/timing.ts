/** Latencies of requests since the sample before, in milliseconds. Zero without a request. */
export interface Latencies {
  readonly getMedianMs: number;
  readonly getP99Ms: number;
  readonly postMedianMs: number;
  readonly postP99Ms: number;
}

/** Collects the durations of requests that are answered at once. */
export interface Timing {
  readonly add: (method: "GET" | "POST", ms: number) => void;
  /** Returns the latencies since the last call. */
  readonly take: () => Latencies;
}

export function createTiming(): Timing {
  let durations: Record<"GET" | "POST", number[]> = { GET: [], POST: [] };
  return {
    add: (method, ms) => void durations[method].push(ms),
    take() {
      const { GET, POST } = durations;
      durations = { GET: [], POST: [] };
      return {
        getMedianMs: quantile(GET, 0.5),
        getP99Ms: quantile(GET, 0.99),
        postMedianMs: quantile(POST, 0.5),
        postP99Ms: quantile(POST, 0.99),
      };
    },
  };
}

function quantile(durations: readonly number[], share: number): number {
  const sorted = durations.toSorted((one, other) => one - other);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;
}
