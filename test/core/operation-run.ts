import assert from "node:assert/strict";
import type { ChangeResult } from "../../src/core/change.ts";
import type { OperationEvent } from "../../src/core/events.ts";
import { isInProgress, nextDeadlineAt } from "../../src/core/operation.ts";
import type { TypePolicy } from "../../src/core/policy.ts";
import type { Action } from "./actions.ts";
import { checkChange, checkRow } from "./invariants.ts";
import { Model } from "./model.ts";
import { Row } from "./row.ts";

const GRACE_MS = 15_000;

/** A row and its model. Every action is applied to both, and the results are compared. */
export class OperationRun {
  readonly row: Row;
  readonly model: Model;
  /** States and error codes that occurred, to check the coverage of the test. */
  readonly seen = new Set<string>();
  readonly #isPrompt: boolean;

  /** @param isPrompt true if the reaper runs at every instant at which it has to, instead of at random ones */
  constructor(policy: TypePolicy, isPrompt: boolean) {
    this.row = new Row(policy);
    this.model = new Model(policy);
    this.#isPrompt = isPrompt;
    const id = this.row.newId();
    this.row.accept({ id, configuration: "{}" }, "absent");
    this.model.accept(id, "create", this.row.now);
  }

  run(action: Action): void {
    switch (action.do) {
      case "apply":
      case "applyOfAttempt":
        return this.#applyEvent(action);
      case "accept":
        return this.#accept(action);
      case "advance":
        return this.#advance(action.ms);
      case "reap":
        return this.#reap();
    }
  }

  /** Runs the reaper alone, without workers and clients, until the operation is settled. */
  finish(): void {
    const { row } = this;
    let from = row.now;
    for (let checks = 0; isInProgress(row.operation); checks++) {
      assert.ok(checks < 20, "the reaper terminates");
      const at = nextDeadlineAt(row.operation);
      assert.ok(at !== null);
      row.now = Math.max(row.now, at);
      const { id } = row.operation;
      const latest = this.#latestOf(from);
      assert.equal(
        this.#change(() => row.reap()).outcome,
        "applied",
        "every check of the reaper at its instant advances the operation",
      );
      assert.ok(row.now <= latest, "settled by its deadline and undo budget");
      if (row.operation.id !== id) from = row.now;
    }
  }

  /** Returns the latest instant at which the operation is settled, if the reaper is prompt from an instant on. */
  #latestOf(from: number): number {
    const { deadlineAt, kind } = this.row.operation;
    return Math.max(from, deadlineAt) + GRACE_MS + (this.row.policy.kinds[kind]?.undo.deadlineMs ?? 0);
  }

  #applyEvent(action: Extract<Action, { do: "apply" | "applyOfAttempt" }>): void {
    const { row } = this;
    const event = this.#filledIn(action);
    const random = action.do === "applyOfAttempt" ? action.random : 0.5;
    this.#change(() => {
      this.model.applyEvent(event, row.now, row.operation.dueAt);
      return row.applyEvent(event, random);
    });
    this.#compare();
    // The change of a child that causes it happens once.
    if (!action.twice || event.event === "child-settled") return;
    const before = row.resource;
    const { outcome } = row.applyEvent(event, random);
    assert.deepEqual(row.resource, before, "a repeated event changes nothing");
    // A repeated status message with the same instant is applied again.
    if (event.event !== "reported") assert.notEqual(outcome, "applied");
  }

  /** Fills in the attempt or the version of the row as it is now. */
  #filledIn(action: Extract<Action, { do: "apply" | "applyOfAttempt" }>): OperationEvent {
    const { operation, creation, version } = this.row.resource;
    if (action.do === "applyOfAttempt") return { ...action.event, attempt: operation.attempt - action.ago };
    return action.event.event === "observed" ? { ...action.event, creation, version } : action.event;
  }

  #accept({ kind: requested, configuration }: Extract<Action, { do: "accept" }>): void {
    const { row, model } = this;
    const { state, kind: last, id: retryOf } = row.operation;
    const id = row.newId();
    const isGone = row.resource.deletedAt !== null;
    const isRetry = requested === "retry" && !isGone;
    if (isRetry && state === "succeeded") return;
    const present = requested === "retry" ? last : requested;
    const kind = isGone ? "create" : present;
    const request = { id, kind, ...(isRetry ? { retryOf } : { configuration }) };
    const expect = row.expectation;
    const { outcome } = this.#change(() => row.accept(request, expect));
    assert.equal(outcome, model.settled ? "applied" : "refused");
    if (outcome !== "applied") return;
    model.gone = false;
    model.accept(id, kind, row.now, isRetry);
    this.#compare();
    assert.equal(row.accept(request, expect).outcome, "unchanged", "a repeated accept changes nothing");
  }

  #advance(ms: number): void {
    const { row } = this;
    const until = row.now + ms;
    if (this.#isPrompt) {
      for (let at = nextDeadlineAt(row.operation); at !== null && at <= until; at = nextDeadlineAt(row.operation)) {
        row.now = Math.max(row.now, at);
        this.#reap();
      }
    }
    row.now = until;
    if (!this.#isPrompt || !isInProgress(row.operation)) return;
    assert.ok(row.now <= this.#latestOf(0), "settled by its deadline and undo budget");
  }

  #reap(): void {
    const { row } = this;
    this.#change(() => {
      this.model.applyEvent({ event: "overdue", stepsNotUndone: row.stepsNotUndone }, row.now, row.operation.dueAt);
      return row.reap();
    });
    this.#compare();
    const before = row.resource;
    row.reap();
    assert.equal(row.resource, before, "a second reaper changes nothing");
  }

  #change(change: () => ChangeResult): ChangeResult {
    const before = this.row.resource;
    const result = change();
    checkChange(before, this.row.resource);
    checkRow(this.row);
    this.seen.add(this.row.operation.state);
    if (this.row.resource.error !== null) this.seen.add(this.row.resource.error.code);
    if (this.row.resource.deletedAt !== null) this.seen.add("deleted");
    return result;
  }

  #compare(): void {
    const { row, model } = this;
    const { id, kind, state, attempt, worker, failures, lostWorkers, undoFailures, dueAt } = row.operation;
    const { receivedCount: received, requestedDelete } = row.operation;
    const isClaimed = worker !== null;
    const counts = { failures, lostWorkers, undoFailures, received };
    const real = { id, kind, state, attempt, isClaimed, ...counts, requestedDelete };
    const expected = {
      id: model.id,
      kind: model.kind,
      state: model.state,
      attempt: model.attempt,
      isClaimed: model.isClaimed,
      failures: model.failures,
      lostWorkers: model.lostWorkers,
      undoFailures: model.undoFailures,
      received: model.received,
      requestedDelete: model.requestedDelete,
    };
    assert.deepEqual(real, expected);
    assert.deepEqual(
      row.records.map(({ step, state: of }) => `${step} ${of}`).toSorted(),
      [...model.steps].map(([step, { state: of }]) => `${step} ${of}`).toSorted(),
    );
    assert.equal(row.resource.deletedAt !== null, model.gone);
    if (!model.gone) {
      assert.deepEqual(
        { status: row.resource.status, value: row.resource.error?.code ?? null },
        { status: model.label, value: model.error },
      );
    }
    const [earliest, latest] = model.due ?? [null, null];
    const isDue = earliest === null ? dueAt === null : dueAt !== null && dueAt >= earliest && dueAt <= latest;
    assert.ok(isDue, `due at ${dueAt}, not from ${earliest} to ${latest}`);
  }
}
