import assert from "node:assert/strict";
import type { AcceptRequest, Change, Expectation, ChangeResult } from "../../src/core/change.ts";
import type { OperationEvent } from "../../src/core/events.ts";
import type { HistoryEntry } from "../../src/core/history.ts";
import type { Operation } from "../../src/core/operation.ts";
import { DEFAULT_POLICY, type OperationPolicy, type TypePolicy } from "../../src/core/policy.ts";
import type { ReceivedMessage, Resource, StepRecord } from "../../src/core/resource.ts";
import { reduceChange } from "../../src/core/state-machine/reduce-change.ts";

const START = 1_000_000;

const KIND: OperationPolicy = {
  ...DEFAULT_POLICY,
  status: "Working",
  attempts: 3,
  backoff: { initialMs: 1000, factor: 2, maxMs: 4000 },
  lostWorkers: 3,
  timeoutMs: 60_000,
  deadlineMs: 600_000,
  undo: { attempts: 3, deadlineMs: 300_000 },
};

export function policyWith(type: Partial<TypePolicy> = {}, kind: Partial<OperationPolicy> = {}): TypePolicy {
  const kinds = { create: "Provisioning", update: "Resizing", stop: "Stopping", delete: "Deleting" };
  return {
    type: "machine",
    ready: ["Ready", "Stopped"],
    failed: "Failed",
    cancelled: "Cancelled",
    cancelling: "Cancelling",
    failedAfterChange: false,
    redact: [],
    maxBytes: 10_000,
    kinds: Object.fromEntries(Object.entries(kinds).map(([name, status]) => [name, { ...KIND, ...kind, status }])),
    ...type,
  };
}

/** A type that declares no delete work. */
export function policyWithoutDelete(): TypePolicy {
  const { kinds, ...policy } = policyWith();
  return { ...policy, kinds: Object.fromEntries(Object.entries(kinds).filter(([kind]) => kind !== "delete")) };
}

/**
 * One resource that only `reduceChange` changes, with everything that a store has to keep for it, as `ChangeResult`
 * documents.
 */
export class Row {
  readonly policy: TypePolicy;
  readonly history: HistoryEntry[] = [];
  now = START;
  #resource: Resource | undefined;
  readonly #records = new Map<string, Map<string, StepRecord>>();
  readonly #messages = new Map<string, { root: string; message: ReceivedMessage }>();
  #ids = 0;

  constructor(policy: TypePolicy = policyWith()) {
    this.policy = policy;
  }

  /** A row whose create was accepted. */
  static created(policy?: TypePolicy): Row {
    const row = new Row(policy);
    row.accept({ kind: "create", configuration: '{"ram":1}' });
    return row;
  }

  /** A row whose create was accepted and claimed. */
  static running(policy?: TypePolicy): Row {
    const row = Row.created(policy);
    row.claim();
    return row;
  }

  /** A row whose create has succeeded. */
  static ready(policy?: TypePolicy): Row {
    const row = Row.running(policy);
    row.applyAttemptEvent({ event: "succeeded", details: '{"ip":"::1"}' });
    return row;
  }

  get resource(): Resource {
    assert.ok(this.#resource !== undefined, "there is no row");
    return this.#resource;
  }

  get operation(): Operation {
    return this.resource.operation;
  }

  get exists(): boolean {
    return this.#resource !== undefined;
  }

  get records(): readonly StepRecord[] {
    return [...(this.#records.get(this.operation.root)?.values() ?? [])].toSorted((a, b) => a.position - b.position);
  }

  get messages(): readonly ReceivedMessage[] {
    return [...this.#messages.values()]
      .filter(({ root }) => root === this.operation.root)
      .map(({ message }) => message);
  }

  /** The names that the store passes to the reaper. */
  get stepsNotUndone(): readonly string[] {
    return this.records.filter(({ undo, state }) => undo && state !== "undone").map(({ step }) => step);
  }

  /** The condition of an accept for the row as it is. */
  get expectation(): Expectation {
    if (this.#resource === undefined || this.#resource.deletedAt !== null) return "absent";
    return { creation: this.#resource.creation, edit: this.#resource.edit };
  }

  newId(): string {
    this.#ids += 1;
    return `id-${this.#ids}`;
  }

  accept(request: Partial<AcceptRequest>, expect: Expectation = this.expectation): ChangeResult {
    const operation = { id: this.newId(), kind: "create", ...request };
    return this.apply({
      change: "accept",
      key: { type: "machine", id: "1" },
      expect,
      operation,
      at: this.now,
      random: 0.5,
    });
  }

  applyEvent(event: OperationEvent, random = 0.5): ChangeResult {
    const target = { type: "machine", id: "1" };
    return this.apply({ change: "event", target, event, at: this.now, random });
  }

  /** Applies an event of the current attempt. */
  applyAttemptEvent(event: WithoutAttempt, random = 0.5): ChangeResult {
    return this.applyEvent({ ...event, attempt: this.operation.attempt }, random);
  }

  claim(worker = "worker"): ChangeResult {
    return this.applyEvent({ event: "claimed", worker, claim: 1 });
  }

  step(step: string, state: StepRecord["state"], more: { undo?: boolean; result?: string } = {}): ChangeResult {
    return this.applyAttemptEvent({ event: "recorded", step, state, undo: true, ...more });
  }

  fail(retryable = true): ChangeResult {
    return this.applyAttemptEvent({
      event: "failed",
      error: { code: "work-failed", title: "Failed", detail: "It broke.", retryable },
    });
  }

  /** Runs the reaper at an instant. */
  reap(at = this.now): ChangeResult {
    this.now = at;
    return this.applyEvent({ event: "overdue", stepsNotUndone: this.stepsNotUndone });
  }

  apply(change: Change): ChangeResult {
    const result = reduceChange(new Map([["machine", this.policy]]), this.#resource, change, this.#storedFor(change));
    if (result.outcome === "applied") this.#write(result);
    else assert.deepEqual(result.resource ?? this.#resource, this.#resource, `${result.outcome} changes nothing`);
    return result;
  }

  #storedFor(change: Change): StepRecord | ReceivedMessage | undefined {
    if (change.change === "accept" || this.#resource === undefined) return undefined;
    if (change.event.event === "received") return this.#messages.get(change.event.id)?.message;
    if (change.event.event !== "recorded") return undefined;
    return this.#records.get(this.operation.root)?.get(change.event.step);
  }

  #write({ resource, history, record, clearFailed, message }: ChangeResult): void {
    assert.ok(resource !== undefined);
    this.#resource = resource;
    this.history.push(...history);
    const { root } = resource.operation;
    const records = this.#records.get(root) ?? new Map<string, StepRecord>();
    this.#records.set(root, records);
    if (clearFailed === true) {
      for (const [step, failed] of records) {
        if (failed.state !== "failed") continue;
        if (failed.undo) records.set(step, { ...failed, state: "started", result: null, error: null });
        else records.delete(step);
      }
    }
    if (record !== undefined) records.set(record.step, record);
    if (message !== undefined) this.#messages.set(message.id, { root, message });
  }
}

type AttemptEvent = Extract<OperationEvent, { attempt: number }>;
type WithoutAttempt = AttemptEvent extends infer Event
  ? Event extends AttemptEvent
    ? Omit<Event, "attempt">
    : never
  : never;
