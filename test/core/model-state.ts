import { kindPolicyOf, type OperationPolicy, type TypePolicy } from "../../src/core/policy.ts";

export type Ending =
  | "cancelled"
  | "work-failed"
  | "timed-out"
  | "worker-lost"
  | "deadline-exceeded"
  | "undo-incomplete";

/**
 * The bounds of the instant at which an operation is due: the backoff is random, so the model only knows its bounds.
 */
export type Due = readonly [earliest: number, latest: number] | null;

const NEW_OPERATION = {
  attempt: 0,
  isClaimed: false,
  timeout: Infinity,
  undoDeadline: Infinity,
  failures: 0,
  lostWorkers: 0,
  undoFailures: 0,
  awaitedMessages: [],
  requestedDelete: null,
  ending: null,
  error: null,
} as const;

/** The model's state of an operation and its resource. */
export class ModelState {
  readonly policy: TypePolicy;
  id = "";
  kind = "create";
  state = "pending";
  attempt = 0;
  isClaimed = false;
  due: Due = null;
  deadline = 0;
  timeout = Infinity;
  undoDeadline = Infinity;
  failures = 0;
  lostWorkers = 0;
  undoFailures = 0;
  sequence = 0;
  steps = new Map<string, { state: string; undo: boolean }>();
  awaitedMessages: readonly string[] = [];
  received = 0;
  messages = new Set<string>();
  requestedDelete: string | null = null;
  ending: Ending | null = null;
  error: Ending | null = null;
  label = "";
  settledLabel: string | null = null;
  gone = false;

  constructor(policy: TypePolicy) {
    this.policy = policy;
  }

  get settled(): boolean {
    return ["succeeded", "failed", "cancelled"].includes(this.state);
  }

  get toUndo(): string[] {
    return [...this.steps].filter(([, { undo, state }]) => undo && state !== "undone").map(([step]) => step);
  }

  accept(id: string, kind: string, now: number, isRetry = false): void {
    Object.assign(this, NEW_OPERATION, { id, kind });
    const { deadlineMs, status, external } = this.limits;
    this.state = "pending";
    this.due = [now, now];
    this.deadline = now + deadlineMs;
    if (!isRetry) this.steps.clear();
    if (!isRetry) this.received = 0;
    this.clearFailed();
    // Messages about the previous operation are outdated.
    const isFirst = kind === "create" && !isRetry;
    this.sequence = external && !isFirst ? this.sequence + 1 : 0;
    this.label = status;
    if (isFirst) this.settledLabel = null;
  }

  release(): void {
    this.isClaimed = false;
    this.timeout = Infinity;
    this.due = null;
  }

  clearFailed(): void {
    for (const [step, { state, undo }] of this.steps) {
      if (state !== "failed") continue;
      if (undo) this.steps.set(step, { state: "started", undo });
      else this.steps.delete(step);
    }
  }

  backoff(tries: number, now: number): Due {
    const { initialMs, factor, maxMs } = this.limits.backoff;
    const pause = Math.min(maxMs, initialMs * factor ** (tries - 1));
    return [now + Math.floor(pause / 2), now + Math.ceil(pause)];
  }

  get limits(): OperationPolicy {
    return kindPolicyOf(this.policy, this.kind);
  }
}
