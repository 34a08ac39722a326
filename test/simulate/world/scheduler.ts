import type { Chance } from "./chance.ts";
import { Trace } from "./trace.ts";

interface Event {
  readonly at: number;
  /** Decides the order of events at the same instant. */
  readonly order: number;
  callback: (() => void) | undefined;
}

/**
 * Virtual time. One event happens at a time: after each, the promises of the process settle before the next begins. So
 * the seed decides the order of everything.
 */
export class Scheduler {
  readonly trace = new Trace();
  readonly #chance: Chance;
  readonly #heap: Event[] = [];
  now = 0;
  events = 0;

  constructor(chance: Chance) {
    this.#chance = chance;
  }

  /** Calls back after `ms` of virtual time. The returned function cancels the event. */
  after(ms: number, callback: () => void): () => void {
    const event: Event = { at: this.now + Math.max(0, ms), order: this.#chance.next(), callback };
    push(this.#heap, event);
    return () => {
      event.callback = undefined;
    };
  }

  /** Resolves after `ms` of virtual time. */
  async pause(ms: number): Promise<void> {
    await new Promise<void>((resolve) => {
      this.after(ms, resolve);
    });
  }

  /** Runs events until a condition is met, or no event is left by `until`. */
  async run(isDone: () => boolean, until = Number.POSITIVE_INFINITY): Promise<void> {
    while (!isDone()) {
      const event = this.#heap[0];
      if (event === undefined || event.at > until) return;
      pop(this.#heap);
      if (event.callback === undefined) continue;
      this.now = Math.max(this.now, event.at);
      this.events++;
      event.callback();
      await quiet();
    }
  }
}

/** Waits until nothing is left that happens at once: promises, and callbacks of `setImmediate`. */
async function quiet(): Promise<void> {
  // A callback of `nextTick` runs once no promise is left to settle, which costs less than a turn of the event loop.
  await new Promise<void>((resolve) => {
    process.nextTick(resolve);
  });
  while (process.getActiveResourcesInfo().includes("Immediate")) {
    await new Promise((resolve) => {
      setImmediate(resolve);
    });
  }
}

function isBefore(a: Event, b: Event): boolean {
  return a.at < b.at || (a.at === b.at && a.order < b.order);
}

/** Adds to a binary heap. */
function push(heap: Event[], event: Event): void {
  let index = heap.length;
  heap.push(event);
  while (index > 0) {
    const parent = (index - 1) >> 1;
    const above = heap[parent];
    if (above === undefined || !isBefore(event, above)) break;
    heap[index] = above;
    index = parent;
  }
  heap[index] = event;
}

/** Removes the first event of a binary heap. */
function pop(heap: Event[]): void {
  const last = heap.pop();
  if (last === undefined || heap.length === 0) return;
  let index = 0;
  for (;;) {
    const [left, right] = [heap[2 * index + 1], heap[2 * index + 2]];
    if (left === undefined) break;
    const isRight = right !== undefined && isBefore(right, left);
    const least = isRight ? right : left;
    if (!isBefore(least, last)) break;
    heap[index] = least;
    index = 2 * index + (isRight ? 2 : 1);
  }
  heap[index] = last;
}
