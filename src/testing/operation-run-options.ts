import type { ResourceType } from "../core/definition/resource-type.ts";
import type { OperationEvent } from "../core/events.ts";
import type { EndMessage, Grant } from "../core/ports/messages.ts";
import type { StepRecord } from "../core/resource.ts";
import type { TestedResource } from "./tested-resource.ts";
import type { VirtualClock } from "./virtual-clock.ts";

/** An event from outside, such as a message or a cancel request. */
export interface PlannedEvent {
  readonly afterMs: number;
  readonly event: OperationEvent;
}

/** A commit between the worker and the store. */
export interface RecordedCommit {
  /** From 1. */
  readonly number: number;
  /** The event of the attempt, such as `claimed`, `recorded` or `succeeded`. */
  readonly event: string;
  /** The step and its state, for a record. */
  readonly step?: string;
  readonly state?: StepRecord["state"];
  readonly undo?: boolean;
}

/** The loss of a worker process at a commit. Before: the commit is not applied. After: the worker does not learn of it. */
export interface Crash {
  readonly at: "before" | "after";
  readonly commit: number;
}

export interface OperationRunOptions {
  readonly tested: TestedResource;
  readonly type: ResourceType;
  readonly clock: VirtualClock;
  readonly events: readonly PlannedEvent[];
  readonly crashes?: readonly Crash[];
  /** Time until the loss of a worker is detected. @default 0 */
  readonly leaseMs?: number;
  /** Maximum number of attempts, after which the run ends with the operation in progress. @default none */
  readonly maxAttempts?: number;
  /** Called before an attempt commits its end. */
  readonly onEnd?: (end: EndMessage) => void;
  /** Called right after each commit. */
  readonly onCommit?: (commit: RecordedCommit) => void;
  /** Called at the crash. The process has no effect from now on. */
  readonly onCrash?: () => void;
  /** Called once the loss of the worker is detected. */
  readonly onLost?: () => void;
  /** Returns the type to run in an attempt. @default the type itself */
  readonly observeWork?: (type: ResourceType, grant: Grant) => ResourceType;
  /** Receives warnings and errors. */
  readonly onLog?: (fields: object, message: string) => void;
}
