import type { ResourceSpec, ResourceType } from "../core/definition/resource-type.ts";
import type { HistoryEntry } from "../core/history.ts";
import type { SchemaOutput } from "../core/json/schema.ts";
import type { OperationError } from "../core/operation.ts";
import type { StepRecord } from "../core/resource.ts";
import { accept, plannedEvents } from "./accepted.ts";
import { Course } from "./operation-run.ts";
import type { RunOptions } from "./run-options.ts";
import { TestedResource } from "./tested-resource.ts";
import { virtualClock } from "./virtual-clock.ts";

/** What came of a resource's work. */
export interface ResourceRun<Spec extends ResourceSpec> {
  readonly status: string;
  /** Undefined where it did not succeed. */
  readonly details: SchemaOutput<Spec["details"]> | undefined;
  /** As clients see it; null where it succeeded. */
  readonly error: OperationError | null;
  /** What work threw, attempt by attempt, with its causes: what clients are never shown. */
  readonly thrown: readonly unknown[];
  /** What is recorded of each step, sleep, until and receive, in the order in which they began. */
  readonly steps: readonly StepRecord[];
  readonly history: readonly HistoryEntry[];
  readonly attempts: number;
  /** On the virtual clock. */
  readonly elapsedMs: number;
  /** How many commits there were: each is an instant at which a process may die. */
  readonly commits: number;
}

/**
 * Runs one operation of a resource type to its end, by the real pipeline and state machine, in memory and on a virtual clock:
 * sleeps, pauses between attempts and time limits take no time. Work that awaits something real (a socket, a timer of the
 * platform) is waited for, but time limits may pass meanwhile: give it fakes.
 *
 * @throws AfootError `validation` for a configuration or message that the type's schema refuses, `unknown-kind`, `unknown-message`
 */
export async function runResource<Spec extends ResourceSpec>(
  type: ResourceType<Spec>,
  options: RunOptions<Spec>,
): Promise<ResourceRun<Spec>> {
  const { clock = virtualClock(), crashAfter } = options;
  const startedAt = clock.monotonic();
  const tested = new TestedResource(type, clock);
  await accept(tested, type, options);
  const events = await plannedEvents(type, options);
  const course = new Course({ tested, type, clock, events, crashAfter });
  await course.run();
  const { status, details, error, operation } = tested.resource;
  return {
    status,
    // oxlint-disable-next-line typescript/no-unsafe-assignment -- checked by the details' schema before it was stored
    details: operation.state === "succeeded" ? JSON.parse(details) : undefined,
    error,
    thrown: course.thrown,
    steps: tested.records,
    history: tested.history.filter((entry) => entry.operation === operation.id),
    attempts: operation.attempt,
    elapsedMs: clock.monotonic() - startedAt,
    commits: course.commits,
  };
}

/**
 * Runs the same operation once without a crash, then once for each of its commits with a crash right after that one.
 *
 * @param optionsFor makes the options of a run, with fakes of its own: 0 for the one without a crash
 * @returns every run, the one without a crash first
 */
export async function crashAfterEveryCommit<Spec extends ResourceSpec>(
  type: ResourceType<Spec>,
  optionsFor: (crashAfter: number) => Omit<RunOptions<Spec>, "crashAfter">,
): Promise<readonly ResourceRun<Spec>[]> {
  const whole = await runResource(type, optionsFor(0));
  const runs = [whole];
  for (let crashAfter = 1; crashAfter <= whole.commits; crashAfter++) {
    runs.push(await runResource(type, { ...optionsFor(crashAfter), crashAfter }));
  }
  return runs;
}
