import { awaitedChild, childResult, recordedChild, settledStep } from "../../core/children/parent-link.ts";
import type { DeclaredChildren } from "../../core/definition/declared-children.ts";
import { PermanentError } from "../../core/errors.ts";
import { createId } from "../../core/ids.ts";
import { encodeJson } from "../../core/json/encode-json.ts";
import type { ChildMessage, ChildState, RecordMessage } from "../../core/ports/messages.ts";
import { resourceKeyText, type StepRecord } from "../../core/resource.ts";
import type { Child } from "../../core/work.ts";
import type { Attempt } from "../attempt/attempt.ts";
import { toWorkError, usageError } from "../attempt/failure.ts";
import { call } from "../work/call.ts";
import { decodeResult } from "../work/json-result.ts";
import type { Reporter } from "../work/report.ts";
import { recordFailure, replay } from "../work/step.ts";
import { childId } from "./child-id.ts";

/** The functions by which work creates children and waits for them. */
export interface ChildCalls {
  readonly child: (name: string, type: string, configuration: unknown) => Promise<Child>;
  readonly settled: (children: Child | string | readonly (Child | string)[]) => Promise<unknown>;
}

/** Pause after which a child is tried again whose type has reached its limit of resources in progress. */
const BUSY_PAUSE_MS = 2000;

type CreateMessage = Extract<ChildMessage, { command: "create" }>;

export function createChildCalls(attempt: Attempt, reporter: Reporter): ChildCalls {
  const family = new Family(attempt, reporter);
  return {
    child: (name, type, configuration) => family.child(name, type, configuration),
    settled: ofEach((name) => family.settled(name)),
  };
}

/** Creates the calls of a replay, which only return what is recorded. */
export function replayChildCalls(
  attempt: Attempt,
  recorded: (record: StepRecord | undefined) => Promise<unknown>,
): ChildCalls {
  return {
    child: (name) =>
      call(attempt, name, async (record) => {
        await recorded(record);
        return { name, type: "", id: "", ...(record && recordedChild(record)) };
      }),
    settled: ofEach((name) => call(attempt, settledStep(name), recorded)),
  };
}

/** Creates `settled` from the wait for one child. */
function ofEach(settledOne: (name: string) => Promise<unknown>): ChildCalls["settled"] {
  const settled = (target: Child | string): Promise<unknown> =>
    settledOne(typeof target === "string" ? target : target.name);
  return (targets) =>
    typeof targets === "string" || "name" in targets ? settled(targets) : Promise.all(targets.map(settled));
}

/** The children of one attempt. */
class Family {
  readonly #attempt: Attempt;
  readonly #reporter: Reporter;
  readonly #states: ReadonlyMap<string, ChildState>;
  /** The messages that create or retry the children of this attempt, by their name. */
  readonly #made = new Map<string, CreateMessage>();
  #calls = 0;

  constructor(attempt: Attempt, reporter: Reporter) {
    this.#attempt = attempt;
    this.#reporter = reporter;
    this.#states = new Map(attempt.grant.children?.states.map((state) => [resourceKeyText(state), state]));
  }

  child(name: string, typeName: string, configuration: unknown): Promise<Child> {
    const attempt = this.#attempt;
    const number = ++this.#calls;
    return call(attempt, name, async (record) => {
      const { type, limits, cascade } = declaredChild(attempt, typeName);
      const text = encodeConfiguration(name, configuration);
      const id = childId(attempt.grant.root, name, attempt.generationOf(name));
      const key = (record && recordedChild(record)) ?? { type, id };
      const operation = createId(attempt.serverNow);
      const message = { ...key, command: "create", operation, name, configuration: text } as const;
      this.#made.set(name, message);
      if (record === undefined) {
        checkLimits(attempt, limits, number);
        this.#reporter.leaveReplay();
        await begin(attempt, { step: name, state: "done", undo: cascade.cancel, result: childResult(key) }, message);
      } else {
        await replay(attempt, record);
      }
      return { name, ...key };
    });
  }

  settled(name: string): Promise<unknown> {
    const attempt = this.#attempt;
    const step = settledStep(name);
    return call(attempt, step, async (record) => {
      if (record !== undefined && record.state !== "started") return replay(attempt, record);
      const made = this.#made.get(name);
      if (made === undefined) {
        throw usageError("unknown-child", `settled: the work has created no child ${JSON.stringify(name)} before.`);
      }
      const state = this.#settledState(made);
      if (state === undefined) return this.#nextAttempt(made);
      this.#reporter.leaveReplay();
      if (mayRetry(state)) {
        await begin(attempt, { step, state: "started", undo: false }, made);
        return this.#nextAttempt(made);
      }
      return recordSettled(attempt, name, state);
    });
  }

  /** Waits for the next attempt, whose grant has the new state of the child. */
  async #nextAttempt(child: CreateMessage): Promise<never> {
    const isSettled = (made: CreateMessage): boolean =>
      this.#attempt.recordOf(settledStep(made.name))?.state === "done" || this.#settledState(made) !== undefined;
    this.#reporter.reportOfChildren([...this.#made.values()].filter(isSettled).length / this.#made.size);
    await this.#attempt.activity.wait({ message: awaitedChild(child) });
    throw new RangeError("a wait for a child lasts as long as its attempt");
  }

  /** Returns the state of a child at the grant; undefined while its operation is in progress. */
  #settledState(child: CreateMessage): ChildState | undefined {
    const state = this.#states.get(resourceKeyText(child));
    return state?.state === "in-progress" ? undefined : state;
  }
}

/** Returns the declaration of children, with the type of one of them. */
function declaredChild({ type }: Attempt, name: string): DeclaredChildren & { readonly type: string } {
  const { children } = type;
  const child = children?.types().get(name);
  if (children !== undefined && child !== undefined) return { ...children, type: child.name };
  const known = children === undefined ? "none" : [...children.types().keys()].join(", ");
  throw usageError(
    "unknown-child-type",
    `child: ${type.name} declares no children ${JSON.stringify(name)}; declared are: ${known}.`,
  );
}

function checkLimits({ type, grant }: Attempt, { count, depth }: DeclaredChildren["limits"], number: number): void {
  if (number > count) {
    throw usageError(
      "too-many-children",
      `An operation of ${type.name} creates at most ${count} children. Create fewer, or raise childLimits.count.`,
    );
  }
  const ancestors = (grant.children?.depth ?? 0) + 1;
  if (ancestors <= depth) return;
  throw usageError(
    "children-too-deep",
    `The child would have ${ancestors} ancestors; ${type.name} allows ${depth}. Nest children less deeply, or raise childLimits.depth.`,
  );
}

function encodeConfiguration(name: string, configuration: unknown): string {
  try {
    return encodeJson(configuration, "configuration");
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw usageError("invalid-child", `The configuration of ${JSON.stringify(name)} is not JSON: ${reason}.`, error);
  }
}

/** Records a step together with a message, and waits while the type of the child has reached its limit. */
async function begin(
  attempt: Attempt,
  record: Pick<RecordMessage, "step" | "state" | "undo" | "result">,
  child: CreateMessage,
): Promise<void> {
  while ((await attempt.record({ ...record, child })) === "busy") {
    await attempt.activity.wait({ dueAt: attempt.clock.monotonic() + BUSY_PAUSE_MS });
  }
}

/** Returns true for the failure of a child that an earlier try of the operation has seen: the child gets another chance. */
function mayRetry({ state, isOfEarlierTry, isDeleting }: ChildState): boolean {
  return isOfEarlierTry && !isDeleting && (state === "failed" || state === "absent");
}

async function recordSettled(attempt: Attempt, name: string, state: ChildState): Promise<unknown> {
  const step = settledStep(name);
  const result = await recordFailure(attempt, step, false, async () => {
    if (state.state !== "succeeded") throw failureOf(name, state);
    const { id, status, details = "{}" } = state;
    return `{${JSON.stringify({ name, id, status }).slice(1, -1)},"details":${details}}`;
  });
  await attempt.record({ step, state: "done", undo: false, result });
  return decodeResult(result);
}

/** A client that has cancelled or deleted the child does not want it again, so the work is not retried by itself. */
function failureOf(name: string, { error }: ChildState): Error {
  if (error === undefined) {
    return new PermanentError(`The child ${JSON.stringify(name)} was deleted.`, { code: "child-deleted" });
  }
  if (error.code !== "cancelled") return toWorkError(error);
  return new PermanentError(`The child ${JSON.stringify(name)} was cancelled.`, { code: "child-cancelled" });
}
