import type { ResourceType } from "../../core/definition/resource-type.ts";
import type { Broker, Unsubscribe, WorkerMessageHandlers } from "../../core/ports/broker.ts";
import type { Log } from "../../core/ports/log.ts";
import type { Store } from "../../core/ports/store.ts";
import type { Clock } from "../../core/scheduling/clock.ts";
import { createWaitingClaims, type WaitingClaims } from "../long-poll/waiting-claims.ts";
import type { Commit } from "../storage/commit.ts";
import type { OperationTelemetry } from "../telemetry/operation-telemetry.ts";
import { type ExternalWorkerRequests, externalWorkerRequests } from "./external-worker-requests.ts";
import { createStatusMessages, type StatusMessages } from "./status-messages.ts";

export interface ExternalProcessesParts {
  readonly types: readonly ResourceType[];
  readonly store: Store;
  readonly broker: Broker;
  readonly commit: Commit;
  readonly handlers: WorkerMessageHandlers;
  readonly clock: Clock;
  readonly log: Log;
  readonly telemetry: OperationTelemetry;
}

/** Messages from external processes. All of them are validated. */
export interface ExternalProcesses {
  readonly workerRequests: ExternalWorkerRequests;
  readonly statusMessages: StatusMessages;
  readonly waitingClaims: WaitingClaims;
  /** Subscribes to the messages that the broker delivers. */
  readonly start: () => Unsubscribe;
}

export function createExternalProcesses(parts: ExternalProcessesParts): ExternalProcesses {
  const { types, store, broker, handlers, clock } = parts;
  const workerRequests = externalWorkerRequests({ types, store, handlers });
  const statusMessages = createStatusMessages(parts);
  return {
    workerRequests,
    statusMessages,
    waitingClaims: createWaitingClaims({ broker, store, clock }),
    start() {
      const stops = [
        broker.serve(broker.isShared === true ? workerRequests : handlers),
        ...(types.some(acceptsStatusMessages) ? [broker.onStatus?.(statusMessages.apply)] : []),
      ];
      return () => {
        for (const stop of stops) stop?.();
      };
    },
  };
}

/** Returns true if status messages can apply to resources of a type. */
export function acceptsStatusMessages({ operations, receives }: ResourceType): boolean {
  return receives.size > 0 || [...operations.values()].some(({ policy }) => policy.external);
}
