export interface Load {
  readonly origin: string;
  /** One of them at random for each request. */
  readonly paths: readonly string[];
  readonly method: "GET" | "POST";
  readonly connections: number;
  readonly seconds: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

export interface Loaded {
  readonly requests: number;
  readonly perSecond: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
}

/** What a load tool says: an answer that is an error spoils the measurement. */
export interface Said extends Loaded {
  readonly errors: number;
}
