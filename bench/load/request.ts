export interface LoadRequest {
  readonly origin: string;
  /** Paths, of which each request picks one at random. */
  readonly paths: readonly string[];
  readonly method: "GET" | "POST";
  readonly connections: number;
  readonly seconds: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

export interface LoadResult {
  readonly requests: number;
  readonly perSecond: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
}

/** Result of a load tool, including the number of error responses. */
export interface RawLoadResult extends LoadResult {
  readonly errors: number;
}
