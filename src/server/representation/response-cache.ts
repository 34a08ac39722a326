import { getHeapStatistics } from "node:v8";
import { BoundedMap } from "../../core/bounded-map.ts";
import type { Resource } from "../../core/resource.ts";
import type { HttpResponse } from "../http/exchange.ts";
import type { Timing } from "../timing/retry-after.ts";

/** What a GET of one representation is answered with. */
export class GetAnswer {
  /** The entity tag, without its quotes. */
  readonly tag: string;
  readonly whole: HttpResponse;
  readonly #buildSame: () => HttpResponse;
  #same: HttpResponse | undefined;
  #waited: { readonly ms: number; readonly response: HttpResponse } | undefined;

  constructor(tag: string, whole: HttpResponse, buildSame: () => HttpResponse) {
    this.tag = tag;
    this.whole = whole;
    this.#buildSame = buildSame;
  }

  /** Built when somebody asks for it: most never do. */
  get notModified(): HttpResponse {
    this.#same ??= this.#buildSame();
    return this.#same;
  }

  /** The whole answer for those who were held: of many that wait for one resource, most asked for the same time. */
  held(ms: number): HttpResponse {
    if (this.#waited?.ms !== ms) this.#waited = { ms, response: withApplied(this.whole, ms, true) };
    return this.#waited.response;
  }
}

/** Says that the client's wish to be held counted. */
export function withApplied(response: HttpResponse, ms: number, isHeld = false): HttpResponse {
  return { ...response, headers: [...response.headers, "Preference-Applied", `wait=${ms / 1000}`], isHeld };
}

interface Known extends Timing {
  readonly type: string;
  readonly creation: string;
  readonly version: number;
  readonly answer: GetAnswer;
}

/** Characters of all answers that are kept, with what an answer takes beside its text: as many as fifty thousand take, where the process may be so large. */
const MOST = Math.min(64 * 1024 * 1024, getHeapStatistics().heap_size_limit / 32);
const ANSWER = 1000;

/**
 * The answers built last: whoever polls is mostly told the same as before. An answer holds as long as
 * the version that it shows, and what it says of the time remaining.
 */
export class KnownAnswers {
  readonly #known = new BoundedMap<Known>(MOST);

  /** The answer that shows this row at this moment, built where it is not known. */
  answer(resource: Resource, timing: Timing, build: () => GetAnswer): GetAnswer {
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
      return known.answer;
    }
    const answer = build();
    const { body } = answer.whole;
    this.#known.set(
      id,
      { type, creation, version, seconds, retryAfter, answer },
      ANSWER + (typeof body === "string" ? body.length : 0),
    );
    return answer;
  }
}
