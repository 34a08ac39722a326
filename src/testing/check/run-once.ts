import type { ResourceSpec, ResourceType } from "../../core/definition/resource-type.ts";
import type { EndMessage } from "../../core/ports/messages.ts";
import { UNRECORDED_AWAIT } from "../../worker/attempt/attempt-warnings.ts";
import { catchUncaughtErrors } from "../../worker/attempt/uncaught-errors.ts";
import { accept, plannedEvents } from "../accept.ts";
import type { RecordedCommit, Crash } from "../operation-run-options.ts";
import { OperationRun } from "../operation-run.ts";
import type { RequestOptions } from "../run-options.ts";
import { runChild } from "../run-resource.ts";
import { TestedChildren } from "../tested-children.ts";
import { TestedResource } from "../tested-resource.ts";
import { type VirtualClock, virtualClock } from "../virtual-clock.ts";
import { type EffectState, type Effects, RecordedEffects } from "./effects.ts";
import type { Report } from "./finding.ts";
import { ObservedWork } from "./observed-work.ts";
import { workScope } from "./work-scope.ts";

/** Time after which servers detect the loss of a worker. */
const LEASE_MS = 15_000;
/** Work that needs more attempts counts as endless. */
const MAX_ATTEMPTS = 300;

/** The environment of one run, for its fakes. */
export interface CheckedRun {
  /** Kind of the operation that runs: `create`, `update`, `delete`, or an action's name. */
  readonly operation: string;
  readonly effects: Effects;
  readonly clock: VirtualClock;
  /** Sends a message to the resource, as an external system does. A settled resource ignores it. */
  readonly send: (name: string, value: unknown, afterMs?: number) => Promise<void>;
}

/** Creates the options of one run. Fakes must have new state in each run. */
export type OptionsFor<Spec extends ResourceSpec> = (run: CheckedRun) => RequestOptions<Spec>;

/** The type to check, or a function that creates it over the fakes of one run. */
export type CheckedType<Spec extends ResourceSpec> = ResourceType<Spec> | ((run: CheckedRun) => ResourceType<Spec>);

/** The operation to check. */
export interface Subject<Spec extends ResourceSpec> {
  readonly type: CheckedType<Spec>;
  readonly kind: string;
  readonly optionsFor: OptionsFor<Spec>;
  readonly stepsWithResult: Set<string>;
}

/** The faults of one run. */
export interface Plan {
  /** The run as a clause of a message, such as "with a cancel after commit 3". */
  readonly label: string;
  readonly crashes?: readonly Crash[];
  /** The step whose commit is lost, and true if the commit is that of its undo. */
  readonly step?: string | undefined;
  readonly isCrashOfUndo?: boolean;
  /** The commit after which, or the call of a step's function during which the operation is cancelled. */
  readonly cancelAfter?: number;
  readonly cancelDuring?: number;
  /** Cancels the operation when the loss of its worker is detected. */
  readonly cancelOnLoss?: boolean;
}

export interface PlannedCommit extends RecordedCommit {
  readonly isCancellable: boolean;
}

export interface FinishedRun extends Pick<TestedResource, "resource" | "records" | "history"> {
  readonly plan: Plan;
  readonly commits: readonly PlannedCommit[];
  /** The steps whose functions were called, in order. */
  readonly functions: readonly string[];
  /** The ends that attempts have sent, also those that were lost. */
  readonly ends: readonly EndMessage[];
  readonly thrown: readonly unknown[];
  readonly before: EffectState;
  readonly after: EffectState;
  readonly undoneWithoutResult: ReadonlySet<string>;
}

/** Runs the operation once, with the faults of the plan. */
export async function runOnce<Spec extends ResourceSpec>(
  { type: given, kind, optionsFor, stepsWithResult }: Subject<Spec>,
  plan: Plan,
  report: Report,
): Promise<FinishedRun> {
  const [clock, effects] = [virtualClock(), new RecordedEffects(report)];
  let sent = 0;
  const send: CheckedRun["send"] = async (name, value, afterMs = 0) => {
    if (workScope.getStore()?.process.isLost === true) return;
    const id = `sent ${++sent}`;
    const [planned] = await plannedEvents(type, { messages: [{ name, value }] });
    if (planned?.event.event === "received") operationRun.receive({ ...planned.event, id }, afterMs);
  };
  const run: CheckedRun = { operation: kind, effects, clock, send };
  const type = typeof given === "function" ? given(run) : given;
  const options = { ...optionsFor(run), kind };
  const tested = new TestedResource(type, clock, new TestedChildren(type, runChild, options.children));
  await accept(tested, type, options);

  const commits: PlannedCommit[] = [];
  const functions: string[] = [];
  const ends: EndMessage[] = [];
  const cancelIf = (isNow: boolean): void => {
    if (isNow) operationRun.cancel();
  };
  const onFunction = (step: string): void => cancelIf(functions.push(step) === plan.cancelDuring);
  const work = new ObservedWork({ clock, report, onFunction, stepsWithResult });
  const operationRun = new OperationRun({
    ...{ tested, type, clock, leaseMs: LEASE_MS, maxAttempts: MAX_ATTEMPTS, crashes: plan.crashes ?? [] },
    events: await plannedEvents(type, options),
    onEnd: (end) => ends.push(end),
    onCommit: (commit) => {
      work.onCommit(commit);
      commits.push({ ...commit, isCancellable: operationRun.isCancellable });
      cancelIf(commit.number === plan.cancelAfter);
    },
    onCrash: () => work.onCrash(),
    onLost: () => cancelIf(plan.cancelOnLoss === true),
    observeWork: (each, grant) => work.observe(each, grant),
    onLog: (fields, message) => reportWarning(fields, message, report),
  });
  const before = effects.state;
  const release = catchUncaughtErrors();
  await operationRun.run().finally(release);
  const { resource, records, history } = tested;
  const state = { resource, records, history, before, after: effects.state };
  const { undoneWithoutResult } = work;
  return { ...state, undoneWithoutResult, plan, commits, functions, ends, thrown: operationRun.thrown };
}

/** Reports what the worker warns of. */
function reportWarning(fields: object, message: string, report: Report): void {
  const problem = `${message.charAt(0).toUpperCase()}${message.slice(1)}.`;
  if (message === UNRECORDED_AWAIT) report("unrecorded-await", undefined, problem);
  if (message === "observe failed" && "error" in fields) report("observe-fails", undefined, String(fields.error));
  if ("running" in fields) report("signal-ignored", String(fields.running), problem);
  if ("field" in fields) {
    report(fields.field === "status" ? "unknown-status" : "invalid-report", undefined, problem);
  }
}
