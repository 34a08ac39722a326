import type { ResourceType } from "../../core/definition/resource-type.ts";
import type { Policies } from "../../core/policy.ts";
import type { Broker, WorkerMessageHandlers } from "../../core/ports/broker.ts";
import type { Log } from "../../core/ports/log.ts";
import type { Store } from "../../core/ports/store.ts";
import type { Clock } from "../../core/scheduling/clock.ts";
import type { PeriodicTask } from "../../core/scheduling/periodic-task.ts";
import type { Commit } from "../storage/commit.ts";
import type { OperationTelemetry } from "../telemetry/operation-telemetry.ts";
import { createChildCommands } from "./child-commands.ts";
import { createClaims, createGranting } from "./claims.ts";
import { createHeartbeats } from "./heartbeats.ts";
import { createReaper } from "./reaper.ts";
import { createRecorder } from "./recorder.ts";

export interface WorkerRequestsParts {
  readonly types: readonly ResourceType[];
  readonly store: Store;
  readonly broker: Broker;
  readonly commit: Commit;
  readonly policies: Policies;
  readonly clock: Clock;
  readonly log: Log;
  readonly telemetry: OperationTelemetry;
}

/** Handlers of worker requests, and the tasks that end attempts and operations: reaper and liveness check. */
export interface WorkerRequestHandlers {
  readonly handlers: WorkerMessageHandlers;
  readonly tasks: readonly PeriodicTask[];
}

export function createWorkerRequestHandlers(parts: WorkerRequestsParts): WorkerRequestHandlers {
  const { broker } = parts;
  const childCommands = createChildCommands(parts.types, parts.store);
  const { record, end, progress } = createRecorder({ ...parts, childCommands });
  const claim = createClaims({ ...parts, granting: createGranting(parts) });
  const heartbeats = createHeartbeats({
    ...parts,
    onProgress: progress,
    isReachable: () => broker.status?.().ready ?? true,
  });
  return {
    handlers: { claim, record, end, beat: heartbeats.beat, progress },
    tasks: [createReaper(parts), heartbeats],
  };
}
