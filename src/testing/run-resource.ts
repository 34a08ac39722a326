import type { ResourceSpec, ResourceType } from "../core/definition/resource-type.ts";
import type { HistoryEntry } from "../core/history.ts";
import type { SchemaOutput } from "../core/json/schema.ts";
import type { OperationError } from "../core/operation.ts";
import type { StepRecord } from "../core/resource.ts";
import { catchUncaughtErrors } from "../worker/attempt/uncaught-errors.ts";
import { accept, plannedEvents } from "./accept.ts";
import { OperationRun } from "./operation-run.ts";
import type { RunOptions } from "./run-options.ts";
import { type ChildOutcome, TestedChildren } from "./tested-children.ts";
import { TestedResource } from "./tested-resource.ts";
import { virtualClock } from "./virtual-clock.ts";

/** The record of a step, sleep, until or receive. */
export interface RecordedStep {
  readonly name: string;
  readonly state: StepRecord["state"];
  /** The recorded result, decoded; undefined if there is none. */
  readonly result: unknown;
  /** The error of a failed step. */
  readonly error: OperationError | null;
  /** True if the step has an `undo`. */
  readonly undo: boolean;
}

/** The outcome of {@link runResource}. */
export interface ResourceRun<Spec extends ResourceSpec> {
  readonly status: string;
  /** Undefined if the operation did not succeed. */
  readonly details: SchemaOutput<Spec["details"]> | undefined;
  /** The error as shown to clients; null if the operation succeeded. */
  readonly error: OperationError | null;
  /** The errors that the work threw, in order and with their causes. Clients never see them. */
  readonly thrown: readonly unknown[];
  /** The records of each step, sleep, until and receive, in the order of their starts. */
  readonly steps: readonly RecordedStep[];
  readonly history: readonly HistoryEntry[];
  readonly attempts: number;
  /** Time on the virtual clock. */
  readonly elapsedMs: number;
  /** Number of commits. A process can crash after each of them. */
  readonly commits: number;
}

/**
 * Runs one operation of a resource type to its end, by the real pipeline and state machine, in memory and on a virtual clock:
 * sleeps, pauses between attempts and time limits take no time.
 *
 * The clock stands still while a step awaits something real, such as a socket or a timer of the platform. It advances while a step
 * waits for the virtual clock itself (`clock.sleep`, `clock.after`), and after a second in which a step does nothing at all, so that
 * its time limit passes. Real I/O outside of a step is not noticed: time limits may pass meanwhile.
 *
 * @throws AfootError `validation` for a configuration or message that the type's schema refuses, `unknown-kind`, `unknown-message`
 */
export async function runResource<Spec extends ResourceSpec>(
  type: ResourceType<Spec>,
  options: RunOptions<Spec>,
): Promise<ResourceRun<Spec>> {
  const { clock = virtualClock(), crashAfter } = options;
  const startedAt = clock.monotonic();
  const tested = new TestedResource(type, clock, new TestedChildren(type, runChild, options.children));
  await accept(tested, type, options);
  const events = await plannedEvents(type, options);
  const operationRun = new OperationRun({
    tested,
    type,
    clock,
    events,
    crashes: crashAfter === undefined ? [] : [{ at: "after", commit: crashAfter }],
  });
  const release = catchUncaughtErrors();
  try {
    await operationRun.run();
  } finally {
    release();
  }
  const { status, details, error, operation } = tested.resource;
  return {
    status,
    // oxlint-disable-next-line typescript/no-unsafe-assignment -- checked by the details' schema before it was stored
    details: operation.state === "succeeded" ? JSON.parse(details) : undefined,
    error,
    thrown: operationRun.thrown,
    steps: tested.records.map(recordedStep),
    history: tested.history.filter((entry) => entry.operation === operation.id),
    attempts: operation.attempt,
    elapsedMs: clock.monotonic() - startedAt,
    commits: operationRun.commits,
  };
}

/** Runs the create of a child on a clock of its own. */
export async function runChild(type: ResourceType, configuration: unknown): Promise<ChildOutcome> {
  return runResource(type, { configuration });
}

function recordedStep({ step: name, state, result, error, undo }: StepRecord): RecordedStep {
  return { name, state, result: result === null ? undefined : JSON.parse(result), error, undo };
}

/**
 * Runs the same operation once without a crash, then once per commit with a crash right after it.
 *
 * @param optionsFor creates the options of a run, each with its own fakes; 0 for the run without a crash
 * @returns all runs, the one without a crash first
 */
export async function crashAfterEveryCommit<Spec extends ResourceSpec>(
  type: ResourceType<Spec>,
  optionsFor: (crashAfter: number) => Omit<RunOptions<Spec>, "crashAfter">,
): Promise<readonly ResourceRun<Spec>[]> {
  const baseline = await runResource(type, optionsFor(0));
  const runs = [baseline];
  for (let crashAfter = 1; crashAfter <= baseline.commits; crashAfter++) {
    runs.push(await runResource(type, { ...optionsFor(crashAfter), crashAfter }));
  }
  return runs;
}
