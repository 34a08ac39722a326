/** Limits of {@link batch}. */
export interface BatchOptions {
  /** Maximum number of entries in one call. @default 500 */
  readonly maxSize?: number;
  /** Maximum number of concurrent calls. @default 1 */
  readonly concurrency?: number;
  /** Calls back after all entries of this tick of the event loop have arrived. @default setImmediate */
  readonly schedule?: (callback: () => void) => void;
}

/**
 * Ratio of the entries of a concurrent call to those of the call before. Fewer entries wait for that call, so that
 * under load calls become larger instead of more: each takes the time of several statements besides that of its entries.
 */
const GROWTH = 2;

/**
 * Number of calls in a row that had one entry and none beside them, after which the next entry does not wait for the
 * end of its tick: nothing would share its call.
 */
const LONE_CALLS = 8;

interface Waiting<Entry, Result> {
  readonly entry: Entry;
  readonly resolve: (result: Result) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * Batches single calls into calls with arrays (group commit): entries that arrive in the same tick of the event loop,
 * or while a call is in flight, share the next call. While entries arrive one at a time, only those of the same
 * microtask queue share a call. `run` returns one result for each entry, in order; if it throws, every entry of the
 * call rejects.
 */
export function batch<Entry, Result>(
  run: (entries: readonly Entry[]) => Promise<readonly Result[]>,
  { maxSize = 500, concurrency = 1, schedule = setImmediate }: BatchOptions = {},
): (entry: Entry) => Promise<Result> {
  let queue: Waiting<Entry, Result>[] = [];
  let inFlight = 0;
  let latestSize = 0;
  let loneCalls = 0;
  let isScheduled = false;

  const runGroup = async (group: readonly Waiting<Entry, Result>[]): Promise<void> => {
    try {
      const results = await run(group.map(({ entry }) => entry));
      if (results.length !== group.length) throw new RangeError(`${group.length} entries, ${results.length} results`);
      results.forEach((result, index) => group[index]?.resolve(result));
    } catch (error) {
      for (const { reject } of group) reject(error);
    }
    inFlight--;
    scheduleNext();
  };

  const startGroups = (): void => {
    isScheduled = false;
    while (mayStart()) {
      const group = queue.slice(0, maxSize);
      queue = queue.slice(maxSize);
      loneCalls = inFlight === 0 && group.length === 1 ? loneCalls + 1 : 0;
      inFlight++;
      latestSize = group.length;
      void runGroup(group);
    }
  };

  /** True if a call may start. Next to a call with several entries, only one that is much larger, or full, does. */
  const mayStart = (): boolean => {
    if (queue.length === 0 || inFlight >= concurrency) return false;
    return inFlight === 0 || latestSize === 1 || queue.length >= Math.min(maxSize, latestSize * GROWTH);
  };

  const scheduleNext = (): void => {
    if (isScheduled || !mayStart()) return;
    isScheduled = true;
    if (loneCalls < LONE_CALLS) schedule(startGroups);
    else queueMicrotask(startGroups);
  };

  return (entry) =>
    new Promise((resolve, reject) => {
      queue.push({ entry, resolve, reject });
      scheduleNext();
    });
}
