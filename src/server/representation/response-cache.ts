import { getHeapStatistics } from "node:v8";
import { BoundedMap } from "../../core/bounded-map.ts";
import type { Resource } from "../../core/resource.ts";
import type { HttpResponse } from "../http/exchange.ts";
import type { TimingInfo } from "../timing/retry-after.ts";

/** The responses to a GET of one representation. */
export class CachedGet {
  /** The entity tag, without quotes. */
  readonly tag: string;
  /** The value of `ETag`: the tag in quotes. */
  readonly etag: string;
  readonly full: HttpResponse;
  readonly #buildNotModified: () => HttpResponse;
  #notModified: HttpResponse | undefined;
  #afterWait: { readonly ms: number; readonly response: HttpResponse } | undefined;

  constructor(tag: string, full: HttpResponse, buildNotModified: () => HttpResponse) {
    this.tag = tag;
    this.etag = `"${tag}"`;
    this.full = full;
    this.#buildNotModified = buildNotModified;
  }

  /** The 304 response. Built on first access, because most representations never need it. */
  get notModified(): HttpResponse {
    this.#notModified ??= this.#buildNotModified();
    return this.#notModified;
  }

  /**
   * Returns the full response after a wait. Cached, because most requests that wait for a resource wait the same time.
   */
  fullAfterWait(ms: number): HttpResponse {
    if (this.#afterWait?.ms !== ms) this.#afterWait = { ms, response: withPreferenceApplied(this.full, ms, true) };
    return this.#afterWait.response;
  }
}

/** Adds `Preference-Applied: wait=N`. */
export function withPreferenceApplied(response: HttpResponse, ms: number, hasWaited = false): HttpResponse {
  return { ...response, headers: [...response.headers, "Preference-Applied", `wait=${ms / 1000}`], hasWaited };
}

interface CacheEntry extends TimingInfo {
  readonly type: string;
  readonly creation: string;
  readonly version: number;
  readonly response: CachedGet;
}

/**
 * Maximum characters of all cached responses, bodies and overhead: enough for about 50,000 responses if the heap allows
 * it.
 */
const MAX_CACHED_CHARACTERS = Math.min(64 * 1024 * 1024, getHeapStatistics().heap_size_limit / 32);
const CHARACTERS_PER_RESPONSE = 1000;

/**
 * Caches the latest responses, because polling clients mostly get the same response again. A response is valid for one
 * version of a resource and one time remaining.
 */
export class ResponseCache {
  readonly #entries = new BoundedMap<CacheEntry>(MAX_CACHED_CHARACTERS);

  /** Returns the response for this row and timing. Builds it if it is not cached. */
  get(resource: Resource, timing: TimingInfo, build: (resource: Resource) => CachedGet): CachedGet {
    const { type, id, creation, version } = resource;
    const { seconds, queuePosition, retryAfter } = timing;
    // Keyed by the id only: two types that share an id replace each other's entry.
    const entry = this.#entries.get(id);
    if (
      entry?.type === type &&
      entry.creation === creation &&
      entry.version === version &&
      entry.seconds === seconds &&
      entry.queuePosition === queuePosition &&
      entry.retryAfter === retryAfter
    ) {
      return entry.response;
    }
    const response = build(resource);
    const { body } = response.full;
    this.#entries.set(
      id,
      { type, creation, version, seconds, queuePosition, retryAfter, response },
      CHARACTERS_PER_RESPONSE + (typeof body === "string" ? body.length : 0),
    );
    return response;
  }
}
