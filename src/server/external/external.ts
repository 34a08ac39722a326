import type { ResourceType } from "../../core/definition/resource-type.ts";
import type { Broker, Unsubscribe, WorkerRequestHandler } from "../../core/ports/broker.ts";
import type { Log } from "../../core/ports/log.ts";
import type { Store } from "../../core/ports/store.ts";
import type { Clock } from "../../core/scheduling/clock.ts";
import { createDueHolds, type DueHolds } from "../long-poll/held-claims.ts";
import type { Commit } from "../storage/commit.ts";
import type { CourseObserver } from "../telemetry/operation-observer.ts";
import { type OutsideAnswers, outsideAnswers } from "./external-worker-requests.ts";
import { createStatusMessages, type StatusMessages } from "./status-messages.ts";

export interface OutsideParts {
  readonly types: readonly ResourceType[];
  readonly store: Store;
  readonly broker: Broker;
  readonly commit: Commit;
  readonly answers: WorkerRequestHandler;
  readonly clock: Clock;
  readonly log: Log;
  readonly course: CourseObserver;
}

/** What a server hears from processes that are not its own: everything is checked. */
export interface Outside {
  readonly answers: OutsideAnswers;
  readonly messages: StatusMessages;
  readonly due: DueHolds;
  /** Begins to hear what the broker carries. */
  readonly start: () => Unsubscribe;
}

export function createOutside(parts: OutsideParts): Outside {
  const { types, store, broker, answers, clock } = parts;
  const checked = outsideAnswers({ types, store, answers });
  const messages = createStatusMessages(parts);
  return {
    answers: checked,
    messages,
    due: createDueHolds({ broker, store, clock }),
    start() {
      const stops = [
        broker.serve(broker.isShared === true ? checked : answers),
        ...(types.some(isSpokenOf) ? [broker.onStatus?.(messages.take)] : []),
      ];
      return () => {
        for (const stop of stops) stop?.();
      };
    },
  };
}

/** Whether status messages can mean anything to a type. */
function isSpokenOf({ operations, receives }: ResourceType): boolean {
  return receives.size > 0 || [...operations.values()].some(({ policy }) => policy.external);
}
