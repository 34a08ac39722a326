import { eventChange, stampOf } from "../../core/change.ts";
import { isAfootError } from "../../core/errors.ts";
import type { AttemptEvent } from "../../core/events.ts";
import { type Log, warnOfWrite } from "../../core/ports/log.ts";
import type {
  AttemptKey,
  EndMessage,
  EndReply,
  ProgressMessage,
  RecordMessage,
  RecordReply,
} from "../../core/ports/messages.ts";
import { type ApplyResult, requireResult } from "../../core/ports/store.ts";
import type { Clock } from "../../core/scheduling/clock.ts";
import type { Commit } from "../storage/commit.ts";
import type { OperationTelemetry } from "../telemetry/operation-telemetry.ts";
import type { ChildCommands } from "./child-commands.ts";

/** Writes what workers report into the store. Replies after the commit. */
export interface Recorder {
  readonly record: (message: RecordMessage) => Promise<RecordReply>;
  readonly end: (message: EndMessage) => Promise<EndReply>;
  readonly progress: (message: ProgressMessage) => void;
}

export interface RecorderParts {
  readonly commit: Commit;
  readonly clock: Clock;
  readonly log: Log;
  readonly telemetry: Pick<OperationTelemetry, "onAttemptEnded">;
  readonly childCommands: ChildCommands;
}

export function createRecorder({ commit, clock, log, telemetry, childCommands }: RecorderParts): Recorder {
  const commitEvent = async ({ operation }: AttemptKey, event: AttemptEvent): Promise<ApplyResult> => {
    const change = eventChange({ operation }, event, stampOf(clock));
    try {
      const [applied] = await commit([change]);
      return requireResult(applied);
    } catch (error) {
      if (!isAfootError(error) || error.code !== "store-refused") throw error;
      // The store would reject every retry as well, so the attempt fails permanently instead.
      log.error({ error, operation }, "the store rejected a worker's report permanently; failing the operation");
      return { outcome: "refused", code: "operation-too-large" };
    }
  };

  return {
    async record({ operation, attempt, child: message, ...recorded }) {
      const child = message === undefined ? undefined : await childCommands(message, operation);
      if (child !== undefined && "detail" in child) return { result: "invalid", detail: child.detail };
      const { outcome, code, resource } = await commitEvent(
        { operation, attempt },
        { event: "recorded", attempt, ...recorded, ...(child === undefined ? {} : { child }) },
      );
      if (code === "too-many-in-progress") return { result: "busy" };
      if (code === "operation-too-large") return { result: "too-large" };
      if (outcome === "dropped" || outcome === "refused") return { result: "drop" };
      return resource?.operation.state === "cancelling" ? { result: "ok", cancel: true } : { result: "ok" };
    },
    async end(message) {
      const { outcome, code, resource } = await commitEvent(message, endEvent(message, clock.now()));
      if (outcome === "applied" && resource !== undefined) telemetry.onAttemptEnded(resource, message.outcome);
      if (outcome === "applied" || outcome === "unchanged") return { result: "ok" };
      return code === undefined || code === "resource-not-found" ? { result: "drop" } : { result: "refused", code };
    },
    progress(message) {
      commitEvent(message, progressEvent(message, clock.now())).catch((error: unknown) => {
        const fields = { error, operation: message.operation };
        warnOfWrite(log, fields, "failed to store progress; the next message contains it");
      });
    },
  };
}

/** Converts an end message to an event. Durations are resolved against the server's clock: the store contains no instants of a worker's clock. */
function endEvent(message: EndMessage, now: number): AttemptEvent {
  const { attempt } = message;
  switch (message.outcome) {
    case "succeeded": {
      const { label, details } = message;
      return { event: "succeeded", attempt, details, ...(label === undefined ? {} : { label }) };
    }
    case "failed": {
      const { error, stepsNotUndone } = message;
      return { event: "failed", attempt, error, ...(stepsNotUndone === undefined ? {} : { stepsNotUndone }) };
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

/** Converts a progress message to an event. */
export function progressEvent(message: ProgressMessage, now: number): AttemptEvent {
  const { operation: _operation, estimatedTimeRemainingMs, ...reported } = message;
  return {
    event: "progress",
    ...reported,
    ...(estimatedTimeRemainingMs === undefined ? {} : { estimatedEndAt: now + estimatedTimeRemainingMs }),
  };
}
