import type { Operation } from "../../core/operation.ts";
import type { WorkerBeat } from "../../core/ports/change-feed.ts";
import type { Log } from "../../core/ports/log.ts";
import type { AttemptKey, BeatMessage, BeatReply, ProgressMessage } from "../../core/ports/messages.ts";
import type { Store } from "../../core/ports/store.ts";
import { batch } from "../../core/scheduling/batch.ts";
import type { Clock } from "../../core/scheduling/clock.ts";
import { type Recurring, recurring } from "../../core/scheduling/periodic-task.ts";
import type { Commit } from "../storage/commit.ts";
import type { CourseObserver } from "../telemetry/operation-observer.ts";

export interface BeatsOptions {
  readonly store: Store;
  readonly commit: Commit;
  readonly clock: Clock;
  readonly log: Log;
  readonly course: Pick<CourseObserver, "attemptEnded" | "workerLost">;
  readonly onProgress: (message: ProgressMessage) => void;
  /** Whether workers can reach this process at all: while they cannot, their silence says nothing. @default always */
  readonly isReachable?: () => boolean;
  /** A worker whose beat number stood still this long is dead. @default 15000 */
  readonly leaseMs?: number;
  /** How often the beats are looked at. @default a fifth of the lease */
  readonly everyMs?: number;
}

/** Which workers live. Answers their beats, and ends the attempts of those that are dead. */
export interface Beats extends Recurring {
  readonly beat: (message: BeatMessage) => Promise<BeatReply>;
  /** Looks now. Gives how many attempts were lost. */
  readonly check: () => Promise<number>;
}

export function createBeats({
  store,
  commit,
  clock,
  log,
  course,
  onProgress,
  isReachable = () => true,
  leaseMs = 15_000,
  everyMs = leaseMs / 5,
}: BeatsOptions): Beats {
  const sightings = new Sightings();
  const tell = createTelling(store, log);
  const lose = createLosing(commit, clock, course);
  let lookedAt: number | undefined = clock.monotonic();

  const check = async (): Promise<number> => {
    const now = clock.monotonic();
    // A tick that came late says that this process stood still, not that the workers did.
    const passedMs = lookedAt === undefined ? 0 : Math.min(now - lookedAt, everyMs * 2);
    // Until the store has answered, nobody knows since when it does.
    lookedAt = undefined;
    const held = await store.held();
    const holders = new Set(held.map(({ operation }) => operation.worker).filter((worker) => worker !== null));
    // What workers told other processes counts like what they told this one.
    for (const beat of (await store.sharing?.readBeats([...holders])) ?? []) sightings.see(beat);
    lookedAt = now;
    if (!isReachable()) sightings.forgive();
    const dead = sightings.pass(passedMs, leaseMs, holders);
    for (const worker of dead) {
      course.workerLost();
      log.warn({ worker }, "a worker's beat stood still for its lease; its operations go to others");
    }
    return lose(held.map(({ operation }) => operation).filter(({ worker }) => worker !== null && dead.has(worker)));
  };

  const turn = async (): Promise<number> => {
    await check().catch((error: unknown) => {
      log.warn({ error }, "the store could not be asked for what workers hold; nothing is taken from them");
      sightings.forgive();
    });
    return everyMs;
  };

  return {
    async beat({ worker, number, claimed, held, progress }) {
      sightings.see({ worker, number });
      tell({ worker, number });
      for (const message of progress) onProgress(message);
      const rows = (await store.held([worker])).map(({ operation }) => operation);
      const mine = new Set(held.map(attemptName));
      const forgotten = rows.filter((row) => (row.claim ?? Infinity) <= claimed && !mine.has(attemptName(keyOf(row))));
      await lose(forgotten);
      const known = new Set(rows.map((row) => attemptName(keyOf(row))));
      return {
        cancel: rows.filter(({ state }) => state === "cancelling").map(keyOf),
        drop: held.filter((key) => !known.has(attemptName(key))),
      };
    },
    check,
    ...recurring(clock, turn, everyMs),
  };
}

/** Takes attempts from workers that are gone. Gives how many were lost: another process may have been faster. */
function createLosing(
  commit: Commit,
  clock: Clock,
  course: Pick<CourseObserver, "attemptEnded">,
): (operations: readonly Operation[]) => Promise<number> {
  return async (operations) => {
    if (operations.length === 0) return 0;
    const at = clock.now();
    const applied = await commit(
      operations.map(({ id, attempt }) => ({
        change: "event" as const,
        target: { operation: id },
        event: { event: "lost", attempt } as const,
        at,
        random: clock.random(),
      })),
    );
    const lost = applied.filter(({ outcome }) => outcome === "applied");
    for (const { resource } of lost) if (resource !== undefined) course.attemptEnded(resource, "lost");
    return lost.length;
  };
}

/** Tells the processes that share the store of a beat. The answer to the worker does not wait for it: the next beat tells more. */
function createTelling({ sharing }: Store, log: Log): (beat: WorkerBeat) => void {
  if (sharing === undefined) return () => {};
  const save = batch<WorkerBeat, undefined>(async (beats) => {
    await sharing.saveBeats(beats);
    return beats.map(() => undefined);
  });
  return (beat) => {
    save(beat).catch((error: unknown) => {
      log.warn(
        { error, worker: beat.worker },
        "other processes could not be told of a worker's beat; the next beat does",
      );
    });
  };
}

function keyOf({ id, attempt }: Operation): AttemptKey {
  return { operation: id, attempt };
}

function attemptName({ operation, attempt }: AttemptKey): string {
  return `${operation}/${attempt}`;
}

interface Sighting {
  readonly number: number;
  /** How long the number has stood still while this process was looking: outages and stalls of its own do not count. */
  stillMs: number;
}

/** How long each worker's beat has stood still, as far as this process could see. */
class Sightings {
  readonly #byWorker = new Map<string, Sighting>();

  see({ worker, number }: WorkerBeat): void {
    const seen = this.#byWorker.get(worker);
    if (seen === undefined || number > seen.number) this.#byWorker.set(worker, { number, stillMs: 0 });
  }

  /** Lets time pass. Gives those of the holders whose beat has stood still for the lease; of other workers that have, nothing is kept. */
  pass(ms: number, leaseMs: number, holders: ReadonlySet<string>): ReadonlySet<string> {
    for (const holder of holders) {
      if (!this.#byWorker.has(holder)) this.#byWorker.set(holder, { number: 0, stillMs: 0 });
    }
    const dead = new Set<string>();
    for (const [worker, seen] of this.#byWorker) {
      seen.stillMs += ms;
      if (seen.stillMs < leaseMs) continue;
      if (holders.has(worker)) dead.add(worker);
      else this.#byWorker.delete(worker);
    }
    return dead;
  }

  /** Nobody could be seen: every lease begins anew. */
  forgive(): void {
    for (const seen of this.#byWorker.values()) seen.stillMs = 0;
  }
}
