import { getHeapStatistics } from "node:v8";
import { BoundedMap } from "../../core/bounded-map.ts";
import type { Resource } from "../../core/resource.ts";
import type { HttpResponse } from "../http/exchange.ts";
import type { TimingInfo } from "../timing/retry-after.ts";

/** What a GET of one representation is answered with. */
export class CachedGet {
  /** The entity tag, without its quotes. */
  readonly tag: string;
  readonly full: HttpResponse;
  readonly #buildNotModified: () => HttpResponse;
  #notModified: HttpResponse | undefined;
  #afterWait: { readonly ms: number; readonly response: HttpResponse } | undefined;

  constructor(tag: string, whole: HttpResponse, buildNotModified: () => HttpResponse) {
    this.tag = tag;
    this.full = whole;
    this.#buildNotModified = buildNotModified;
  }

  /** Built when somebody asks for it: most never do. */
  get notModified(): HttpResponse {
    this.#notModified ??= this.#buildNotModified();
    return this.#notModified;
  }

  /** The whole answer for those who were held: of many that wait for one resource, most asked for the same time. */
  fullAfterWait(ms: number): HttpResponse {
    if (this.#afterWait?.ms !== ms) this.#afterWait = { ms, response: withPreferenceApplied(this.full, ms, true) };
    return this.#afterWait.response;
  }
}

/** Says that the client's wish to be held counted. */
export function withPreferenceApplied(response: HttpResponse, ms: number, isHeld = false): HttpResponse {
  return { ...response, headers: [...response.headers, "Preference-Applied", `wait=${ms / 1000}`], hasWaited: isHeld };
}

interface CacheEntry extends TimingInfo {
  readonly type: string;
  readonly creation: string;
  readonly version: number;
  readonly response: CachedGet;
}

/** Characters of all answers that are kept, with what an answer takes beside its text: as many as fifty thousand take, where the process may be so large. */
const MAX_CACHED_CHARACTERS = Math.min(64 * 1024 * 1024, getHeapStatistics().heap_size_limit / 32);
const CHARACTERS_PER_RESPONSE = 1000;

/**
 * The answers built last: whoever polls is mostly told the same as before. An answer holds as long as
 * the version that it shows, and what it says of the time remaining.
 */
export class ResponseCache {
  readonly #known = new BoundedMap<CacheEntry>(MAX_CACHED_CHARACTERS);

  /** The answer that shows this row at this moment, built where it is not known. */
  answer(resource: Resource, timing: TimingInfo, build: () => CachedGet): CachedGet {
    const { type, id, creation, version } = resource;
    const { seconds, retryAfter } = timing;
    // By the id alone: two types that share one take turns.
    const known = this.#known.get(id);
    if (
      known?.type === type &&
      known.creation === creation &&
      known.version === version &&
      known.seconds === seconds &&
      known.retryAfter === retryAfter
    ) {
      return known.response;
    }
    const answer = build();
    const { body } = answer.full;
    this.#known.set(
      id,
      { type, creation, version, seconds, retryAfter, response: answer },
      CHARACTERS_PER_RESPONSE + (typeof body === "string" ? body.length : 0),
    );
    return answer;
  }
}
