import { eventChange, stampOf } from "../../core/change.ts";
import type { Operation } from "../../core/operation.ts";
import type { WorkerHeartbeat } from "../../core/ports/change-feed.ts";
import { type Log, warnOfWrite } from "../../core/ports/log.ts";
import type { AttemptKey, BeatMessage, BeatReply, ProgressMessage } from "../../core/ports/messages.ts";
import type { Store } from "../../core/ports/store.ts";
import { batch } from "../../core/scheduling/batch.ts";
import type { Clock } from "../../core/scheduling/clock.ts";
import { type PeriodicTask, periodicTask } from "../../core/scheduling/periodic-task.ts";
import type { Commit } from "../storage/commit.ts";
import type { OperationTelemetry } from "../telemetry/operation-telemetry.ts";

export interface HeartbeatsOptions {
  readonly store: Store;
  readonly commit: Commit;
  readonly clock: Clock;
  readonly log: Log;
  readonly telemetry: Pick<OperationTelemetry, "onAttemptEnded" | "onWorkerLost">;
  readonly onProgress: (message: ProgressMessage) => void;
  /** Returns false while workers cannot reach this process. Their silence does not count then. @default always true */
  readonly isReachable?: () => boolean;
  /** Lease: a worker whose heartbeat number has not increased for this long is dead. @default 15000 */
  readonly leaseMs?: number;
  /** Interval between liveness checks. @default a fifth of the lease */
  readonly intervalMs?: number;
}

/** Server side of heartbeats: replies to those of workers, and expires the attempts of dead workers. */
export interface Heartbeats extends PeriodicTask {
  readonly beat: (message: BeatMessage) => Promise<BeatReply>;
  /** Checks liveness now. Resolves to the number of expired attempts. */
  readonly check: () => Promise<number>;
}

export function createHeartbeats({
  store,
  commit,
  clock,
  log,
  telemetry,
  onProgress,
  isReachable = () => true,
  leaseMs = 15_000,
  intervalMs = leaseMs / 5,
}: HeartbeatsOptions): Heartbeats {
  const liveness = new LivenessTracker();
  const shareBeat = createBeatSharing(store, log);
  const expireAttempts = createAttemptExpiry(commit, clock, telemetry);
  let checkedAt: number | undefined = clock.monotonic();

  const check = async (): Promise<number> => {
    const now = clock.monotonic();
    // A late tick means that this process was suspended, not that the workers were.
    const elapsedMs = checkedAt === undefined ? 0 : Math.min(now - checkedAt, intervalMs * 2);
    // Store downtime must not count as worker silence, so the timer is reset until the store responds.
    checkedAt = undefined;
    const claimed = (await store.claimedOperations()).map(({ operation }) => operation);
    const workers = new Set(claimed.flatMap(({ worker }) => worker ?? []));
    // Heartbeats received by other processes count as well.
    for (const beat of (await store.sharing?.readHeartbeats([...workers])) ?? []) liveness.record(beat);
    checkedAt = now;
    if (!isReachable()) liveness.reset();
    const dead = liveness.advance(elapsedMs, leaseMs, workers);
    for (const worker of dead) {
      telemetry.onWorkerLost();
      log.warn({ worker }, DEAD_WORKER_MESSAGE);
    }
    return expireAttempts(claimed.filter(({ worker }) => worker !== null && dead.has(worker)));
  };

  const runOnce = async (): Promise<number> => {
    await check().catch((error: unknown) => {
      warnOfWrite(log, { error }, "failed to read claimed operations; skipping this liveness check");
      liveness.reset();
    });
    return intervalMs;
  };

  return {
    async beat({ worker, number, lastClaim, attempts, progress }) {
      liveness.record({ worker, number });
      shareBeat({ worker, number });
      for (const message of progress) onProgress(message);
      const rows = (await store.claimedOperations([worker])).map(({ operation }) => operation);
      const running = new Set(attempts.map(attemptKeyText));
      const forgotten = rows.filter(
        (row) => (row.claim ?? Infinity) <= lastClaim && !running.has(attemptKeyText(attemptKeyOf(row))),
      );
      await expireAttempts(forgotten);
      const known = new Set(rows.map((row) => attemptKeyText(attemptKeyOf(row))));
      return {
        cancel: rows.filter(({ state }) => state === "cancelling").map(attemptKeyOf),
        drop: attempts.filter((key) => !known.has(attemptKeyText(key))),
      };
    },
    check,
    ...periodicTask(clock, runOnce, intervalMs),
  };
}

const DEAD_WORKER_MESSAGE =
  "worker is dead: no heartbeat within its lease; its operations are released to other workers";

/** Creates the function that expires attempts of dead workers. It resolves to the number expired: another process may have been faster. */
function createAttemptExpiry(
  commit: Commit,
  clock: Clock,
  telemetry: Pick<OperationTelemetry, "onAttemptEnded">,
): (operations: readonly Operation[]) => Promise<number> {
  return async (operations) => {
    if (operations.length === 0) return 0;
    const at = clock.now();
    const applied = await commit(
      operations.map(({ id, attempt }) =>
        eventChange({ operation: id }, { event: "lost", attempt }, stampOf(clock, at)),
      ),
    );
    const expired = applied.filter(({ outcome }) => outcome === "applied");
    for (const { resource } of expired) if (resource !== undefined) telemetry.onAttemptEnded(resource, "lost");
    return expired.length;
  };
}

/** Creates the function that shares a heartbeat with the processes on the same store. The reply to the worker does not wait for it. */
function createBeatSharing({ sharing }: Store, log: Log): (beat: WorkerHeartbeat) => void {
  if (sharing === undefined) return () => {};
  const save = batch<WorkerHeartbeat, undefined>(async (beats) => {
    await sharing.saveHeartbeats(beats);
    return beats.map(() => undefined);
  });
  return (beat) => {
    save(beat).catch((error: unknown) => {
      log.warn(
        { error, worker: beat.worker },
        "failed to share a worker's heartbeat with other processes; the next one is shared again",
      );
    });
  };
}

function attemptKeyOf({ id, attempt }: Operation): AttemptKey {
  return { operation: id, attempt };
}

function attemptKeyText({ operation, attempt }: AttemptKey): string {
  return `${operation}/${attempt}`;
}

interface WorkerLiveness {
  readonly number: number;
  /** Time without a new heartbeat, as seen by this process: its own outages and suspensions do not count. */
  silentMs: number;
}

/** Time since the last heartbeat of each worker, as seen by this process. */
class LivenessTracker {
  readonly #byWorker = new Map<string, WorkerLiveness>();

  record({ worker, number }: WorkerHeartbeat): void {
    const known = this.#byWorker.get(worker);
    if (known === undefined || number > known.number) this.#byWorker.set(worker, { number, silentMs: 0 });
  }

  /** Advances the time. Returns the workers with claims that were silent for the lease, and forgets other silent workers. */
  advance(ms: number, leaseMs: number, workers: ReadonlySet<string>): ReadonlySet<string> {
    for (const worker of workers) {
      if (!this.#byWorker.has(worker)) this.#byWorker.set(worker, { number: 0, silentMs: 0 });
    }
    const dead = new Set<string>();
    for (const [worker, known] of this.#byWorker) {
      known.silentMs += ms;
      if (known.silentMs < leaseMs) continue;
      if (workers.has(worker)) dead.add(worker);
      else this.#byWorker.delete(worker);
    }
    return dead;
  }

  /** Restarts every lease, after a time in which no heartbeat could arrive. */
  reset(): void {
    for (const known of this.#byWorker.values()) known.silentMs = 0;
  }
}
