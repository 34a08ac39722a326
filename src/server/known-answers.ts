import { BoundedMap } from "../core/bounded-map.ts";
import type { Resource } from "../core/resource.ts";
import type { HttpResponse } from "./http/exchange.ts";
import type { Timing } from "./pacing.ts";

/** What a GET of one representation is answered with. */
export interface GetAnswer {
  /** The entity tag, without its quotes. */
  readonly tag: string;
  readonly whole: HttpResponse;
  readonly notModified: HttpResponse;
}

interface Known extends Timing {
  readonly creation: string;
  readonly version: number;
  readonly answer: GetAnswer;
}

/** Characters of all answers that are kept, with what an answer takes beside its text. */
const MOST = 16 * 1024 * 1024;
const ANSWER = 1000;

/**
 * The answers built last, for resources of one type: whoever polls is mostly told the same as before. An answer holds as long as
 * the version that it shows, and what it says of the time remaining.
 */
export class KnownAnswers {
  readonly #known = new BoundedMap<Known>(MOST);

  /** The answer that shows this row at this moment, built where it is not known. */
  answer(resource: Resource, timing: Timing, build: () => GetAnswer): GetAnswer {
    const { id, creation, version } = resource;
    const { seconds, retryAfter } = timing;
    const known = this.#known.get(id);
    if (
      known?.creation === creation &&
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
      { creation, version, seconds, retryAfter, answer },
      ANSWER + (typeof body === "string" ? body.length : 0),
    );
    return answer;
  }
}
