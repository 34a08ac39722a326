import type { Resource } from "../resource.ts";
import type { DurationSamples, SettledCount, SettledCountsQuery, SettledPoint } from "./statistics.ts";

/**
 * The optional part of a store: searches and counts for the dashboard and metrics, and statistics. Its
 * methods follow the rules of `Store`. Statistics are best effort.
 */
export interface StoreReporting {
  /**
   * Reads a page of several types. A search for a text reads at most {@link SEARCH_BATCH} resources, so a page can be
   * short or empty and still have a next one.
   */
  search(query: SearchQuery): Promise<SearchPage>;
  /** Counts the resources of these types by label, up to `max` each. Tombstones are left out. */
  statusCounts(query: SearchScope & { readonly max: number }): Promise<readonly StatusCount[]>;
  /** Counts the resources in progress. */
  inProgressCounts(): Promise<readonly TypeCount[]>;

  /** Adds samples. A repeated call adds them twice, which hardly affects a median. */
  saveDurations(samples: readonly DurationSamples[]): Promise<void>;
  /** Reads all samples. */
  durations(): Promise<readonly DurationSamples[]>;
  /** Adds to the stored counts. A repeated call adds twice. */
  addSettledCounts(counts: readonly SettledCount[]): Promise<void>;
  /** Returns the sums of the stored counts, sorted by time, outcome and class of durations. */
  settledCounts(query: SettledCountsQuery): Promise<readonly SettledPoint[]>;
}

/** A set of types, and the owner whose resources are visible. */
export interface SearchScope {
  readonly types: readonly string[];
  /** Only resources that belong to this owner. */
  readonly owner?: string;
}

/**
 * A search over resources of several types, sorted from the newest to the oldest, and by id and type within the same
 * millisecond.
 */
export interface SearchQuery {
  readonly scopes: readonly SearchScope[];
  /** Only these status labels. */
  readonly statuses?: readonly string[];
  /**
   * Only resources with this text in their stored id, configuration, details or error. Ignores the case of the letters
   * A to Z.
   */
  readonly text?: string;
  readonly after?: SearchPosition;
  readonly limit: number;
}

/** The end of a page of a search. */
export interface SearchPosition {
  readonly createdAt: number;
  readonly id: string;
  readonly type: string;
}

export interface SearchPage {
  readonly resources: readonly Resource[];
  /** Position of the next page; undefined on the last page. */
  readonly next?: SearchPosition;
}

/** Maximum number of resources that one search for a text reads. No index supports such a search. */
export const SEARCH_BATCH = 2000;

/** The number of resources that show a label, up to the maximum of the query. */
export interface StatusCount {
  readonly type: string;
  readonly status: string;
  readonly count: number;
}

/** The number of resources of a type in progress, by label and state of the operation. */
export interface TypeCount {
  readonly type: string;
  readonly status: string;
  readonly state: string;
  readonly count: number;
}
