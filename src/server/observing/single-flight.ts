import type { Resource } from "../../core/resource.ts";
import type { Clock } from "../../core/scheduling/clock.ts";
import { nameOf } from "./refresh.ts";

export interface QuestionsOptions {
  readonly clock: Clock;
  /** How long an answer is waited for. */
  readonly waitMs: number;
  /** Called when an answer is not there in time. */
  readonly onLate: (resource: Resource) => void;
}

/** How many may be under way at once: whoever asks beyond goes without an answer. */
const MOST = 1000;
/** An answer that is late is still taken; the same is not asked again before it came, or for this long. */
const ABANDONED_MS = 30_000;

type Asked = (signal: AbortSignal) => Promise<Resource | undefined>;

interface UnderWay {
  readonly inTime: Promise<Resource | undefined>;
  readonly giveUp: () => void;
}

/** Asks about each resource once at a time, however many want to know; nobody waits longer than the answer may take. */
export class Questions {
  readonly #options: QuestionsOptions;
  readonly #underWay = new Map<string, UnderWay>();
  #isClosed = false;

  constructor(options: QuestionsOptions) {
    this.#options = options;
  }

  /**
   * Resolves to the answer, or to undefined where there is none in time.
   *
   * @param question must not reject; its signal is aborted once nobody waits any more
   */
  async ask(resource: Resource, question: Asked): Promise<Resource | undefined> {
    const name = nameOf(resource);
    const asked = this.#underWay.get(name);
    if (asked !== undefined) return asked.inTime;
    if (this.#isClosed || this.#underWay.size >= MOST) return undefined;
    const begun = this.#begin(name, resource, question);
    this.#underWay.set(name, begun);
    return begun.inTime;
  }

  /** Lets everybody go, and asks no more. */
  close(): void {
    this.#isClosed = true;
    for (const { giveUp } of this.#underWay.values()) giveUp();
    this.#underWay.clear();
  }

  #begin(name: string, resource: Resource, question: Asked): UnderWay {
    const { clock, waitMs, onLate } = this.#options;
    const controller = new AbortController();
    const late = Promise.withResolvers<undefined>();
    const letGo = (): void => {
      late.resolve(undefined);
      controller.abort(new DOMException("The answer is not waited for any more.", "TimeoutError"));
    };
    const forget = (): void => {
      if (this.#underWay.get(name) === begun) this.#underWay.delete(name);
    };
    let takeBack = clock.after(waitMs, () => {
      takeBack = clock.after(ABANDONED_MS, forget);
      onLate(resource);
      letGo();
    });
    const answer = question(controller.signal).finally(() => {
      takeBack();
      forget();
    });
    const begun: UnderWay = {
      inTime: Promise.race([answer, late.promise]),
      giveUp: () => {
        takeBack();
        letGo();
      },
    };
    return begun;
  }
}
