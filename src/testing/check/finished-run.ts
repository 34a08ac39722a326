import type { EndMessage } from "../../core/ports/messages.ts";
import type { Resource } from "../../core/resource.ts";
import type { Commit, Crash } from "../operation-run-options.ts";
import type { TestedResource } from "../tested-resource.ts";
import type { EffectState } from "./effects.ts";

/** The faults of one run. */
export interface Plan {
  /** The run as a clause of a message, such as "with a cancel after commit 3". */
  readonly label: string;
  readonly crashes?: readonly Crash[];
  /** The step whose commit is lost. */
  readonly step?: string | undefined;
  /** True if the crash happens at the commit of an undo. */
  readonly isCrashOfUndo?: boolean;
  /** Number of the commit after which the operation is cancelled. */
  readonly cancelAfter?: number;
  /** Number of the call of a step's function during which the operation is cancelled. */
  readonly cancelDuring?: number;
  /** Cancels the operation when the loss of its worker is detected. */
  readonly cancelOnLoss?: boolean;
}

export interface PlannedCommit extends Commit {
  /** True if the operation can be cancelled after it. */
  readonly isCancellable: boolean;
}

export interface FinishedRun extends Pick<TestedResource, "records" | "history"> {
  readonly plan: Plan;
  readonly resource: Resource;
  readonly commits: readonly PlannedCommit[];
  /** The steps whose functions were called, in order. */
  readonly functions: readonly string[];
  /** The ends that attempts have sent, also those that were lost. */
  readonly ends: readonly EndMessage[];
  readonly thrown: readonly unknown[];
  readonly before: EffectState;
  readonly after: EffectState;
  /** The steps whose undo ran, and of these the ones that got no result, although the step returns one. */
  readonly undone: ReadonlySet<string>;
  readonly undoneWithoutResult: ReadonlySet<string>;
}
