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

/** A row and the model of it, to which the same happens. */
export class OperationRun {
  readonly row: Row;
  readonly model: Model;
  /** What it has come through, to tell that a test has met it. */
  readonly met = new Set<string>();
  readonly #isPrompt: boolean;

  /** @param isPrompt whether the reaper looks at every instant at which it should, instead of when it happens to */
  constructor(policy: TypePolicy, isPrompt: boolean) {
    this.row = new Row(policy);
    this.model = new Model(policy);
    this.#isPrompt = isPrompt;
    const id = this.row.newId();
    this.row.accept({ id, configuration: "{}" }, "absent");
    this.model.accept(id, "create", this.row.now);
  }

  go(action: Action): void {
    switch (action.do) {
      case "tell":
      case "say":
        return this.#tell(action);
      case "accept":
        return this.#accept(action);
      case "pass":
        return this.#pass(action.ms);
      case "reap":
        return this.#reap();
    }
  }

  /** All workers and clients are gone; the reaper alone goes on, until the operation is settled. */
  finish(): void {
    const { row } = this;
    let from = row.now;
    for (let looks = 0; isInProgress(row.operation); looks++) {
      assert.ok(looks < 20, "the reaper comes to an end");
      const at = nextDeadlineAt(row.operation);
      assert.ok(at !== null);
      row.now = Math.max(row.now, at);
      const { id } = row.operation;
      const latest = this.#latestOf(from);
      assert.equal(
        this.#change(() => row.reap()).outcome,
        "applied",
        "whenever it is to look, its look takes the operation further",
      );
      assert.ok(row.now <= latest, "settled by its deadline and undo budget");
      if (row.operation.id !== id) from = row.now;
    }
  }

  /** When the operation is settled at the latest, if the reaper looks whenever it should from an instant on. */
  #latestOf(from: number): number {
    const { deadlineAt, kind } = this.row.operation;
    return Math.max(from, deadlineAt) + GRACE_MS + (this.row.policy.kinds[kind]?.undo.deadlineMs ?? 0);
  }

  #tell(action: Extract<Action, { do: "tell" | "say" }>): void {
    const { row } = this;
    const event = this.#filledIn(action);
    const random = action.do === "say" ? action.random : 0.5;
    this.#change(() => {
      this.model.tell(event, row.now, row.operation.dueAt);
      return row.tell(event, random);
    });
    this.#compare();
    if (!action.twice) return;
    const before = row.resource;
    const { outcome } = row.tell(event, random);
    assert.deepEqual(row.resource, before, "said twice is said once");
    // What is observed again of the same instant is written again.
    if (event.event !== "reported") assert.notEqual(outcome, "applied");
  }

  /** What was drawn, of the row as it is now. */
  #filledIn(action: Extract<Action, { do: "tell" | "say" }>): OperationEvent {
    const { operation, creation, version } = this.row.resource;
    if (action.do === "say") return { ...action.event, attempt: operation.attempt - action.ago };
    return action.event.event === "observed" ? { ...action.event, creation, version } : action.event;
  }

  #accept({ kind: asked, configuration }: Extract<Action, { do: "accept" }>): void {
    const { row, model } = this;
    const { state, kind: last, id: retryOf } = row.operation;
    const id = row.newId();
    const isGone = row.resource.deletedAt !== null;
    const isRetry = asked === "retry" && !isGone;
    if (isRetry && state === "succeeded") return;
    const wanted = asked === "retry" ? last : asked;
    const kind = isGone ? "create" : wanted;
    const request = { id, kind, ...(isRetry ? { retryOf } : { configuration }) };
    const expect = row.present;
    const { outcome } = this.#change(() => row.accept(request, expect));
    assert.equal(outcome, model.settled ? "applied" : "refused");
    if (outcome !== "applied") return;
    model.gone = false;
    model.accept(id, kind, row.now, isRetry);
    this.#compare();
    assert.equal(row.accept(request, expect).outcome, "unchanged", "accepted twice is accepted once");
  }

  #pass(ms: number): void {
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
      this.model.tell({ event: "overdue", stepsNotUndone: row.left }, row.now, row.operation.dueAt);
      return row.reap();
    });
    this.#compare();
    const before = row.resource;
    row.reap();
    assert.equal(row.resource, before, "two reapers are one");
  }

  #change(change: () => ChangeResult): ChangeResult {
    const before = this.row.resource;
    const folded = change();
    checkChange(before, this.row.resource);
    checkRow(this.row);
    this.met.add(this.row.operation.state);
    if (this.row.resource.error !== null) this.met.add(this.row.resource.error.code);
    if (this.row.resource.deletedAt !== null) this.met.add("deleted");
    return folded;
  }

  #compare(): void {
    const { row, model } = this;
    const {
      id,
      kind,
      state,
      attempt,
      worker,
      failures,
      lostWorkers: losses,
      undoFailures,
      receivedCount: received,
      requestedDelete: deleteAsked,
      dueAt,
    } = row.operation;
    const real = {
      id,
      kind,
      state,
      attempt,
      isHeld: worker !== null,
      failures,
      losses,
      undoFailures,
      received,
      deleteAsked,
    };
    const expected = {
      id: model.id,
      kind: model.kind,
      state: model.state,
      attempt: model.attempt,
      isHeld: model.held,
      failures: model.failures,
      losses: model.losses,
      undoFailures: model.undoFailures,
      received: model.received,
      deleteAsked: model.deleteAsked,
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
