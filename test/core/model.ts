import type { OperationEvent } from "../../src/core/events.ts";
import { type Due, type Ending, ModelState } from "./model-state.ts";

// The table of architecture and docs/state-machine.md once more, in as few words as possible and from nothing but them: what the
// property test holds the real thing against.

const GRACE_MS = 15_000;

export class Model extends ModelState {
  /** `dueAt` is what was drawn of {@link due}. */
  tell(event: OperationEvent, now: number, dueAt: number | null): void {
    if (event.event === "observed" && this.settled && !this.gone) this.#watched(event.status);
    if (this.settled || this.gone) return;
    if ("attempt" in event && !(this.held && event.attempt === this.attempt)) return;
    switch (event.event) {
      case "claimed":
        if (this.held || dueAt === null || dueAt > now) return;
        this.attempt += 1;
        this.held = true;
        this.due = null;
        this.sequence = 0;
        this.awaiting = [];
        this.timeout = now + this.limits.timeoutMs + GRACE_MS;
        if (this.state !== "undoing") this.state = "running";
        return;
      case "progress":
        if (event.sequence <= this.sequence) return;
        this.sequence = event.sequence;
        if (this.state === "running" && event.status !== undefined) this.label = event.status;
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
        if (this.kind === "delete" || this.deleteAsked !== null) return;
        this.deleteAsked = event.operation;
        this.#cancel(now);
        return;
      case "reported":
        if (this.limits.external && !this.held) this.#observed(event, now);
        return;
      case "observed":
        this.#answered(event, now, dueAt);
        return;
      case "received":
        if (this.messages.has(event.id)) return;
        this.messages.add(event.id);
        this.received += 1;
        if (this.state !== "waiting" || !this.awaiting.includes(event.name)) return;
        this.state = "pending";
        this.due = [now, now];
    }
  }

  /** Nobody holds it: an outside process tells of it as it likes. */
  #observed(event: Extract<OperationEvent, { event: "reported" }>, now: number): void {
    if (this.state === "undoing" || event.sentAt < this.sequence) return;
    if (this.state !== "running") this.attempt += 1;
    this.state = "running";
    this.due = null;
    this.awaiting = [];
    this.sequence = event.sentAt;
    if (event.outcome === "succeeded") this.#end("succeeded", now, event.label);
    else if (event.outcome === "failed") this.#stop(now, "work-failed");
    else this.label = event.status ?? this.label;
  }

  /** Somebody was asked how it goes: while a worker holds it, its end is the worker's to say. */
  #answered(event: Extract<OperationEvent, { event: "observed" }>, now: number, dueAt: number | null): void {
    if (this.held) {
      if (this.state === "running" && event.outcome === undefined) this.label = event.status ?? this.label;
      return;
    }
    if (this.state === "undoing") return;
    if (this.state === "pending") {
      if (!this.limits.external || (dueAt ?? 0) > now) return;
      this.attempt += 1;
      this.state = "running";
      this.due = null;
    }
    if (event.outcome === "succeeded") this.#end("succeeded", now, event.status);
    else if (event.outcome === "failed") this.#stop(now, "work-failed");
    else this.label = event.status ?? this.label;
  }

  /** What is settled changes its ready label for another one, and nothing else. */
  #watched(label: string | undefined): void {
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

  #failed(retryable: boolean, left: readonly string[], code: Ending, now: number): void {
    const { attempts, undo } = this.limits;
    if (this.state === "cancelling") return this.#stop(now);
    if (this.state === "undoing") {
      this.undoFailures += 1;
      if (!retryable || this.undoFailures >= undo.attempts) return this.#endUndoing(left, now);
      return this.#again(this.backoff(this.undoFailures, now), now);
    }
    this.failures += 1;
    if (!retryable || this.failures >= attempts) return this.#stop(now, code);
    this.clearFailed();
    return this.#again(this.backoff(this.failures, now), now);
  }

  #lost(now: number): void {
    this.losses += 1;
    const spent = this.losses >= this.limits.lostWorkers;
    if (spent && this.state === "running") return this.#stop(now, "worker-lost");
    if (spent && this.state === "undoing") return this.#endUndoing([], now);
    return this.#again(this.losses === 1 ? [now, now] : this.backoff(this.losses - 1, now), now);
  }

  #overdue(left: readonly string[], now: number): void {
    const late = this.timeout <= now;
    if (this.state === "undoing") {
      const code = this.toUndo.length === 0 ? (this.ending ?? "cancelled") : "undo-incomplete";
      if (this.undoDeadline <= now) this.#end(code, now);
      else if (late) this.#failed(true, left, "timed-out", now);
    } else if (this.state === "cancelling") {
      if (late) this.#stop(now);
    } else if (this.deadline <= now) {
      if (!this.held) return this.#stop(now, "deadline-exceeded");
      this.state = "cancelling";
      this.ending = "deadline-exceeded";
      this.timeout = now + GRACE_MS;
    } else if (late) this.#failed(true, left, "timed-out", now);
  }

  #cancel(now: number): void {
    if (this.state === "pending" || this.state === "waiting") this.#stop(now, "cancelled");
    if (this.state !== "running") return;
    if (!this.held) return this.#stop(now, "cancelled");
    this.state = "cancelling";
    this.ending = "cancelled";
    this.timeout = Math.min(this.timeout, Math.max(this.deadline, now) + GRACE_MS);
  }

  #wait(until: number | undefined, receive: readonly string[], seen: number, now: number): void {
    this.letGo();
    if (this.received > seen) [this.state, this.due] = ["pending", [now, now]];
    else [this.state, this.due, this.awaiting] = ["waiting", until === undefined ? null : [until, until], receive];
  }

  /** Another attempt may follow; of a cancelled operation none does. */
  #again(due: Due, now: number): void {
    if (this.state === "cancelling") return this.#stop(now);
    this.letGo();
    this.due = due;
    if (this.state !== "undoing") this.state = "pending";
  }

  /** No attempt follows: what was done is undone, if there is anything. */
  #stop(now: number, ending: Ending = this.ending ?? "cancelled"): void {
    if (this.toUndo.length === 0) return this.#end(ending, now);
    this.letGo();
    this.state = "undoing";
    this.ending = ending;
    this.due = [now, now];
    this.undoDeadline = now + this.limits.undo.deadlineMs;
    this.losses = 0;
    this.awaiting = [];
  }

  #endUndoing(left: readonly string[], now: number): void {
    if (this.toUndo.length === 0) return this.#end(this.ending ?? "cancelled", now);
    if (left.length > 0) return this.#end("undo-incomplete", now);
    // Nobody said what is left: that is for the reaper, now.
    this.letGo();
    this.due = null;
    this.undoDeadline = now;
  }

  #end(outcome: Ending | "succeeded", now: number, label?: string): void {
    const { policy, kind } = this;
    this.letGo();
    this.awaiting = [];
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
    if (this.deleteAsked !== null) this.accept(this.deleteAsked, "delete", now);
  }
}
