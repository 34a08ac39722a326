import type { OperationEvent } from "../../src/core/events.ts";
import { type Due, type Ending, ModelState } from "./model-state.ts";

// A second, minimal implementation of the table in docs/state-machine.md, written from the document alone. The property
// test compares the state machine with it.

const GRACE_MS = 15_000;
const COLLECT_MS = 200;

function isChild(name: string): boolean {
  return name.startsWith("child:");
}

export class Model extends ModelState {
  /** @param dueAt the real instant within the bounds of {@link due} */
  applyEvent(event: OperationEvent, now: number, dueAt: number | null): void {
    if (event.event === "observed" && this.settled && !this.gone) this.#applySettledObservation(event.status);
    if (this.settled || this.gone) return;
    if ("attempt" in event && !(this.isClaimed && event.attempt === this.attempt)) return;
    switch (event.event) {
      case "annotated":
        return;
      case "claimed":
        if (this.isClaimed || dueAt === null || dueAt > now) return;
        this.attempt += 1;
        this.isClaimed = true;
        this.due = null;
        this.sequence = 0;
        if (this.state !== "pending") this.awaitedMessages = [];
        this.timeout = now + this.limits.timeoutMs + GRACE_MS;
        if (this.state !== "undoing") this.state = "running";
        return;
      case "progress":
        if (event.sequence <= this.sequence) return;
        this.sequence = event.sequence;
        if (this.state === "running") this.#report(event.status);
        return;
      case "recorded":
        this.#record(event.step, event.state, event.undo);
        return;
      case "succeeded":
        if (this.state === "running" || this.state === "cancelling") this.#end("succeeded", now, event.label);
        return;
      case "failed":
        this.#failed(event.error.retryable, event.stepsNotUndone ?? [], "work-failed", now);
        return;
      case "cancelled":
        if (this.state === "cancelling") this.#stop(now);
        return;
      case "undone":
        if (this.state === "undoing") this.#endUndoing([], now);
        return;
      case "waiting":
        if (this.state === "cancelling") this.#stop(now);
        else if (this.state === "running") this.#wait(event.until, event.receive ?? [], event.receivedSeen, now);
        else if (event.receive?.some(isChild) === true) {
          this.release();
          [this.due, this.awaitedMessages] =
            this.received > event.receivedSeen ? [[now, now], []] : [null, event.receive.filter(isChild)];
        }
        return;
      case "handed-back":
        this.#again([now, now], now);
        return;
      case "lost":
        this.#lost(now);
        return;
      case "overdue":
        this.#overdue(event.stepsNotUndone ?? [], now);
        return;
      case "cancel-requested":
        if (this.kind !== "delete") this.#cancel(now);
        return;
      case "delete-requested":
        if (this.kind === "delete" || this.requestedDelete !== null) return;
        this.requestedDelete = event.operation;
        this.#cancel(now);
        return;
      case "reported":
        if (this.limits.external && !this.isClaimed) this.#applyReport(event, now);
        return;
      case "observed":
        this.#applyObservation(event, now, dueAt);
        return;
      case "child-settled": {
        this.received += 1;
        const name = `child:${event.type}/${event.id}`;
        if (!this.awaitedMessages.includes(name)) return;
        this.awaitedMessages = this.awaitedMessages.filter((each) => each !== name);
        if (this.isClaimed) return;
        const wakeAt = event.isFailed || !this.awaitedMessages.some(isChild) ? now : now + COLLECT_MS;
        this.due = dueAt === null || wakeAt < dueAt ? [wakeAt, wakeAt] : [dueAt, dueAt];
        if (this.state === "waiting") this.state = "pending";
        return;
      }
      case "received":
        if (this.messages.has(event.id)) return;
        this.messages.add(event.id);
        this.received += 1;
        if (!this.awaitedMessages.includes(event.name)) return;
        this.awaitedMessages = this.awaitedMessages.filter((name) => name !== event.name);
        if (this.state !== "waiting") return;
        this.state = "pending";
        this.due = [now, now];
    }
  }

  /** A label of settled resources is never shown while an operation is in progress. */
  #report(label: string | undefined): void {
    const { ready, failed, cancelled } = this.policy;
    if (label !== undefined && ![...ready, failed, cancelled].includes(label)) this.label = label;
  }

  /** Applies a status message of an external process to an unclaimed operation. */
  #applyReport(event: Extract<OperationEvent, { event: "reported" }>, now: number): void {
    if (this.state === "undoing" || event.sentAt < this.sequence) return;
    if (this.state !== "running") this.attempt += 1;
    this.state = "running";
    this.due = null;
    this.awaitedMessages = [];
    this.sequence = event.sentAt;
    if (event.outcome === "succeeded") this.#end("succeeded", now, event.label);
    else if (event.outcome === "failed") this.#stop(now, "work-failed");
    else this.#report(event.status);
  }

  /** Applies a result of `observe`. Only the worker ends an operation that it has claimed. */
  #applyObservation(event: Extract<OperationEvent, { event: "observed" }>, now: number, dueAt: number | null): void {
    if (this.isClaimed) {
      if (this.state === "running" && event.outcome === undefined) this.#report(event.status);
      return;
    }
    if (this.state === "undoing") return;
    if (this.state === "pending") {
      if (!this.limits.external || (dueAt ?? 0) > now) return;
      this.attempt += 1;
      this.state = "running";
      this.due = null;
      this.awaitedMessages = [];
    }
    if (event.outcome === "succeeded") this.#end("succeeded", now, event.status);
    else if (event.outcome === "failed") this.#stop(now, "work-failed");
    else this.#report(event.status);
  }

  /** A settled resource replaces its ready label by another one, and changes nothing else. */
  #applySettledObservation(label: string | undefined): void {
    const { ready } = this.policy;
    if (label === undefined || !ready.includes(label) || !ready.includes(this.label)) return;
    this.label = label;
    this.settledLabel = label;
  }

  #record(step: string, state: string, undo: boolean): void {
    const before = this.steps.get(step);
    const isNew = before === undefined || before.state === "undone";
    if (state === "undone") {
      if (this.state === "undoing" && before !== undefined) before.state = "undone";
      return;
    }
    if (this.state === "undoing") return;
    if (isNew) this.steps.set(step, { state, undo });
    else if (before.state === "started" || (before.state === "failed" && state === "done")) before.state = state;
  }

  #failed(retryable: boolean, stepsNotUndone: readonly string[], code: Ending, now: number): void {
    const { attempts, undo } = this.limits;
    if (this.state === "cancelling") return this.#stop(now);
    if (this.state === "undoing") {
      this.undoFailures += 1;
      if (!retryable || this.undoFailures >= undo.attempts) return this.#endUndoing(stepsNotUndone, now);
      return this.#again(this.backoff(this.undoFailures, now), now);
    }
    this.failures += 1;
    if (!retryable || this.failures >= attempts) return this.#stop(now, code);
    this.clearFailed();
    this.awaitedMessages = [];
    return this.#again(this.backoff(this.failures, now), now);
  }

  #lost(now: number): void {
    this.lostWorkers += 1;
    const spent = this.lostWorkers >= this.limits.lostWorkers;
    if (spent && this.state === "running") return this.#stop(now, "worker-lost");
    if (spent && this.state === "undoing") return this.#endUndoing([], now);
    return this.#again(this.lostWorkers === 1 ? [now, now] : this.backoff(this.lostWorkers - 1, now), now);
  }

  #overdue(stepsNotUndone: readonly string[], now: number): void {
    const late = this.timeout <= now;
    if (this.state === "undoing") {
      const code = this.toUndo.length === 0 ? (this.ending ?? "cancelled") : "undo-incomplete";
      if (this.undoDeadline <= now) this.#end(code, now);
      else if (late) this.#failed(true, stepsNotUndone, "timed-out", now);
    } else if (this.state === "cancelling") {
      if (late) this.#stop(now);
    } else if (this.deadline <= now) {
      if (!this.isClaimed) return this.#stop(now, "deadline-exceeded");
      this.#beginCancelling("deadline-exceeded");
      this.timeout = now + GRACE_MS;
    } else if (late) this.#failed(true, stepsNotUndone, "timed-out", now);
  }

  #cancel(now: number): void {
    if (this.state === "pending" || this.state === "waiting") this.#stop(now, "cancelled");
    if (this.state !== "running") return;
    if (!this.isClaimed) return this.#stop(now, "cancelled");
    this.#beginCancelling("cancelled");
    this.timeout = Math.min(this.timeout, Math.max(this.deadline, now) + GRACE_MS);
  }

  #beginCancelling(ending: Ending): void {
    this.state = "cancelling";
    this.ending = ending;
    this.label = this.policy.cancelling;
  }

  #wait(until: number | undefined, receive: readonly string[], seen: number, now: number): void {
    this.release();
    if (this.received > seen) [this.state, this.due] = ["pending", [now, now]];
    else {
      [this.state, this.due, this.awaitedMessages] = ["waiting", until === undefined ? null : [until, until], receive];
    }
  }

  /** Ends the attempt. Another one may follow, except for a cancelled operation. */
  #again(due: Due, now: number): void {
    if (this.state === "cancelling") return this.#stop(now);
    this.release();
    this.due = due;
    if (this.state !== "undoing") this.state = "pending";
  }

  /** Ends the operation, after undoing its steps if there are any. */
  #stop(now: number, ending: Ending = this.ending ?? "cancelled"): void {
    if (this.toUndo.length === 0) return this.#end(ending, now);
    this.release();
    this.state = "undoing";
    this.ending = ending;
    if (ending === "cancelled") this.label = this.policy.cancelling;
    this.due = [now, now];
    this.undoDeadline = now + this.limits.undo.deadlineMs;
    this.lostWorkers = 0;
    this.awaitedMessages = [];
  }

  #endUndoing(stepsNotUndone: readonly string[], now: number): void {
    if (this.toUndo.length === 0) return this.#end(this.ending ?? "cancelled", now);
    if (stepsNotUndone.length > 0) return this.#end("undo-incomplete", now);
    // The names of the remaining steps are unknown: the reaper ends it at once.
    this.release();
    this.due = null;
    this.undoDeadline = now;
  }

  #end(outcome: Ending | "succeeded", now: number, label?: string): void {
    const { policy, kind } = this;
    this.release();
    this.awaitedMessages = [];
    this.ending = null;
    if (outcome === "succeeded" && kind === "delete") {
      this.state = "succeeded";
      this.gone = true;
      return;
    }
    if (outcome === "succeeded") {
      this.state = "succeeded";
      this.label = label ?? policy.ready[0];
    } else {
      this.state = outcome === "cancelled" ? "cancelled" : "failed";
      this.error = outcome;
      const before = kind === "create" ? null : this.settledLabel;
      this.label = before ?? (outcome === "cancelled" ? policy.cancelled : policy.failed);
    }
    this.settledLabel = this.label;
    if (this.requestedDelete !== null) this.accept(this.requestedDelete, "delete", now);
  }
}
