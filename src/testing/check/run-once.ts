import type { ResourceSpec, ResourceType } from "../../core/definition/resource-type.ts";
import type { EndMessage } from "../../core/ports/messages.ts";
import { catchUncaughtErrors } from "../../worker/attempt/uncaught-errors.ts";
import { accept, plannedEvents } from "../accept.ts";
import { OperationRun } from "../operation-run.ts";
import type { RequestOptions } from "../run-options.ts";
import { TestedResource } from "../tested-resource.ts";
import { type VirtualClock, virtualClock } from "../virtual-clock.ts";
import { type Effects, RecordedEffects } from "./effects.ts";
import type { Report } from "./finding.ts";
import type { FinishedRun, Plan, PlannedCommit } from "./finished-run.ts";
import { ObservedWork } from "./observed-work.ts";
import { reportWarning } from "./problems.ts";
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
  const tested = new TestedResource(type, clock);
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
  const { undone, undoneWithoutResult } = work;
  const { thrown } = operationRun;
  const finished = { plan, resource, records, history, commits, functions, ends, thrown, undone, undoneWithoutResult };
  return { ...finished, before, after: effects.state };
}
