import type { EventChange } from "../../core/change.ts";
import { isAfootError } from "../../core/errors.ts";
import type { AttemptEvent } from "../../core/events.ts";
import type { Log } from "../../core/ports/log.ts";
import type {
  AttemptKey,
  EndMessage,
  EndReply,
  ProgressMessage,
  RecordMessage,
  RecordReply,
} from "../../core/ports/messages.ts";
import type { Applied } from "../../core/ports/store.ts";
import type { Clock } from "../../core/scheduling/clock.ts";
import type { Commit } from "../storage/commit.ts";
import type { CourseObserver } from "../telemetry/operation-observer.ts";

/** Folds what workers say into the store. Answers after the commit. */
export interface Recorder {
  readonly record: (message: RecordMessage) => Promise<RecordReply>;
  readonly end: (message: EndMessage) => Promise<EndReply>;
  readonly progress: (message: ProgressMessage) => void;
}

export interface RecorderParts {
  readonly commit: Commit;
  readonly clock: Clock;
  readonly log: Log;
  readonly course: Pick<CourseObserver, "attemptEnded">;
}

export function createRecorder({ commit, clock, log, course }: RecorderParts): Recorder {
  const tell = async ({ operation }: AttemptKey, event: AttemptEvent): Promise<Applied> => {
    const change: EventChange = {
      change: "event",
      target: { operation },
      event,
      at: clock.now(),
      random: clock.random(),
    };
    try {
      const [applied] = await commit([change]);
      if (applied === undefined) throw new RangeError("the store gave no result for a change");
      return applied;
    } catch (error) {
      if (!isAfootError(error) || error.code !== "store-refused") throw error;
      // It would be refused again for ever: the attempt ends for good instead.
      log.error({ error, operation }, "the store cannot hold what a worker said of an operation");
      return { outcome: "refused", code: "operation-too-large" };
    }
  };

  return {
    async record({ operation, attempt, ...recorded }) {
      const { outcome, code, resource } = await tell(
        { operation, attempt },
        { event: "recorded", attempt, ...recorded },
      );
      if (code === "operation-too-large") return { answer: "too-large" };
      if (outcome === "dropped" || outcome === "refused") return { answer: "drop" };
      return resource?.operation.state === "cancelling" ? { answer: "ok", cancel: true } : { answer: "ok" };
    },
    async end(message) {
      const { outcome, code, resource } = await tell(message, eventOf(message, clock.now()));
      if (outcome === "applied" && resource !== undefined) course.attemptEnded(resource, message.outcome);
      if (outcome === "applied" || outcome === "unchanged") return { answer: "ok" };
      return code === undefined || code === "resource-not-found" ? { answer: "drop" } : { answer: "refused", code };
    },
    progress(message) {
      tell(message, progressOf(message, clock.now())).catch((error: unknown) => {
        log.warn({ error, operation: message.operation }, "progress was not stored; the next message carries it");
      });
    },
  };
}

/** What a worker says of times is from now: the store's instants are of the server's clock alone. */
export function eventOf(message: EndMessage, now: number): AttemptEvent {
  const { attempt } = message;
  switch (message.outcome) {
    case "succeeded": {
      const { label, details } = message;
      return { event: "succeeded", attempt, details, ...(label === undefined ? {} : { label }) };
    }
    case "failed": {
      const { error, left } = message;
      return { event: "failed", attempt, error, ...(left === undefined ? {} : { left }) };
    }
    case "waiting": {
      const { forMs, receive, receivedSeen } = message;
      return {
        event: "waiting",
        attempt,
        receivedSeen,
        ...(forMs === undefined ? {} : { until: now + forMs }),
        ...(receive === undefined ? {} : { receive }),
      };
    }
    default:
      return { event: message.outcome, attempt };
  }
}

/** What a worker reports, as an event. */
export function progressOf(message: ProgressMessage, now: number): AttemptEvent {
  const { operation: _operation, estimatedTimeRemainingMs, ...reported } = message;
  return {
    event: "progress",
    ...reported,
    ...(estimatedTimeRemainingMs === undefined ? {} : { estimatedEndAt: now + estimatedTimeRemainingMs }),
  };
}
