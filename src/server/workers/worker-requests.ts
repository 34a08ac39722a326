import type { Policies } from "../../core/policy.ts";
import type { Broker, WorkerRequestHandler } from "../../core/ports/broker.ts";
import type { Log } from "../../core/ports/log.ts";
import type { Store } from "../../core/ports/store.ts";
import type { Clock } from "../../core/scheduling/clock.ts";
import type { Recurring } from "../../core/scheduling/periodic-task.ts";
import type { Commit } from "../storage/commit.ts";
import type { CourseObserver } from "../telemetry/operation-observer.ts";
import { createClaims } from "./claims.ts";
import { createBeats } from "./heartbeats.ts";
import { createRecorder } from "./recorder.ts";

export interface WorkerAnswersParts {
  readonly store: Store;
  readonly broker: Broker;
  readonly commit: Commit;
  readonly policies: Policies;
  readonly clock: Clock;
  readonly log: Log;
  readonly course: CourseObserver;
}

/** What workers are answered, and who looks after those that fall silent. */
export interface WorkerAnswers {
  readonly answers: WorkerRequestHandler;
  readonly beats: Recurring;
}

export function createWorkerAnswers(parts: WorkerAnswersParts): WorkerAnswers {
  const { broker } = parts;
  const { record, end, progress } = createRecorder(parts);
  const beats = createBeats({
    ...parts,
    onProgress: progress,
    isReachable: () => broker.status?.().ready ?? true,
  });
  return { answers: { claim: createClaims(parts), record, end, beat: beats.beat, progress }, beats };
}
