import type { Change } from "../../../src/core/change.ts";
import type { ApplyResult } from "../../../src/core/ports/store.ts";
import type { Resource } from "../../../src/core/resource.ts";
import type { MemoryDatabase } from "../store/database.ts";
import type { System } from "../system/system.ts";
import type { Scheduler } from "../world/scheduler.ts";
import type { Violations } from "./violations.ts";

/** Smaller deviations of clocks are not corrected. */
const CLOCK_DRIFT_MS = 60_000;

/** Maximum time that a message and the end of the wait for it may miss each other. */
const MAX_MESSAGE_MS = 15_000;

/** Maximum time until a running process has moved what is in progress by a step forward of the clock. */
const CLOCK_STEP_MS = 15_000;

/**
 * Checks each change that takes effect against the row that it met.
 *
 * @param setForwardAt returns the virtual time at which the clock was last set forward
 */
export function watchChanges(
  { database, violations, scheduler }: Pick<System, "database" | "violations" | "scheduler">,
  setForwardAt: () => number,
): ChangeChecks {
  const checks = new ChangeChecks({ database, violations, scheduler, setForwardAt });
  database.onApplied = (...applied) => checks.onApplied(...applied);
  database.onChange.add((before, after) => checks.onChange(before, after));
  return checks;
}

interface ChangeChecksParts extends Pick<System, "database" | "violations" | "scheduler"> {
  readonly setForwardAt: () => number;
}

class ChangeChecks {
  readonly #database: MemoryDatabase;
  readonly #violations: Violations;
  readonly #scheduler: Scheduler;
  /** The virtual time at which each operation is due, by its last change: the wall clock may be set meanwhile. */
  readonly #dueAt = new Map<string, number>();
  /** The operation that each idempotency key has begun or changed. */
  readonly #effects = new Map<string, string>();
  readonly #messages = new Set<string>();
  /** The virtual time at which an operation received its first message. */
  readonly #receivedAt = new Map<string, number>();
  /** The virtual time at which the end of the wait for a message was recorded. */
  readonly #decidedAt = new Map<string, number>();
  /** The first operation of a series of retries, by the later ones. */
  readonly triesOf = new Map<string, string>();

  readonly #setForwardAt: () => number;

  constructor({ database, violations, scheduler, setForwardAt }: ChangeChecksParts) {
    this.#database = database;
    this.#violations = violations;
    this.#scheduler = scheduler;
    this.#setForwardAt = setForwardAt;
  }

  onChange(before: Resource | undefined, { type, id, operation }: Resource): void {
    if (operation.worker === null || before?.operation.worker !== null) return;
    const earlyMs = (this.#dueAt.get(operation.id) ?? 0) - this.#scheduler.now;
    // A process that has started since a step forward claims by the new clock.
    const isStepping = this.#scheduler.now - this.#setForwardAt() < CLOCK_STEP_MS;
    this.#violations.check(
      isStepping || earlyMs < CLOCK_DRIFT_MS,
      "nothing is claimed before it is due",
      () => `${type}/${id} ${operation.id}: ${Math.round(earlyMs)} ms too early`,
    );
  }

  onApplied(change: Change, before: Resource | undefined, { outcome, resource }: ApplyResult): void {
    if (outcome !== "applied") return;
    const { id, dueAt } = resource?.operation ?? {};
    if (id !== undefined && dueAt !== before?.operation.dueAt) {
      this.#dueAt.set(id, this.#scheduler.now + (dueAt ?? -Infinity) - change.at);
    }
    this.#checkKey(change, resource);
    if (change.change === "accept") {
      this.#checkExpectation(change.expect, before);
      this.#checkLimits(change);
      const { id: begun, retryOf } = change.operation;
      if (retryOf !== undefined) this.triesOf.set(begun, this.triesOf.get(retryOf) ?? retryOf);
    } else {
      this.#checkEvent(change.event, before);
    }
  }

  #checkKey({ idempotency }: Change, resource: Resource | undefined): void {
    if (idempotency === undefined) return;
    const { principal, key } = idempotency;
    const [name, effect] = [`${principal} ${key}`, resource?.operation.id ?? ""];
    const known = this.#effects.get(name);
    this.#violations.check(
      known === undefined,
      "an idempotency key has one effect",
      () => `${key}: ${known} and ${effect}`,
    );
    this.#effects.set(name, effect);
  }

  #checkExpectation(expect: Extract<Change, { change: "accept" }>["expect"], before: Resource | undefined): void {
    const isKept =
      expect === "absent"
        ? before === undefined || before.deletedAt !== null
        : before?.creation === expect.creation && before.edit === expect.edit;
    this.#violations.check(
      isKept,
      "an operation begins only on the state that its request has read",
      () => `${before?.type}/${before?.id}: ${JSON.stringify(expect)} met edit ${before?.edit}`,
    );
  }

  #checkLimits({ key, maxInProgress = Infinity, ownerLimit }: Extract<Change, { change: "accept" }>): void {
    const { inProgress } = this.#database;
    const [ofType, ofOwner] = [
      inProgress.ofType(key.type),
      ownerLimit === undefined ? 0 : inProgress.ofOwner(ownerLimit.owner),
    ];
    this.#violations.check(
      ofType <= maxInProgress && ofOwner <= (ownerLimit?.max ?? Infinity),
      "the limits of resources in progress are kept",
      () => `${ofType} of ${key.type}, ${ofOwner} of ${ownerLimit?.owner}`,
    );
  }

  #checkEvent(event: Extract<Change, { change: "event" }>["event"], before: Resource | undefined): void {
    const operation = before?.operation;
    const detail = (): string => `${event.event} of ${before?.type}/${before?.id}, ${operation?.id}`;
    if ("attempt" in event) {
      this.#violations.check(
        event.attempt === operation?.attempt && operation.worker !== null,
        "only the current attempt changes an operation",
        () => `${detail()}: attempt ${event.attempt} met ${operation?.attempt} of ${operation?.worker}`,
      );
    }
    if (event.event === "annotated") {
      const isSame = before?.creation === event.creation && before.edit === event.edit;
      this.#violations.check(
        isSame,
        "metadata is replaced only in the state that its request has read",
        () => `${detail()}: edit ${event.edit} met ${before?.edit}`,
      );
    }
    if (event.event === "recorded" && event.step === "decision" && event.state === "done" && operation !== undefined) {
      this.#decidedAt.set(operation.id, this.#scheduler.now);
    }
    if (event.event === "succeeded" && event.details.includes("expired")) this.#checkExpired(operation?.id ?? "");
    if (event.event === "received") {
      const id = operation?.id ?? "";
      this.#receivedAt.set(id, this.#receivedAt.get(id) ?? this.#scheduler.now);
      const name = `${before?.type}/${before?.id}/${event.id}`;
      this.#violations.check(!this.#messages.has(name), "a message is received once", () => name);
      this.#messages.add(name);
    }
  }

  /** Work that waited for a message in vain has received none, or only at the last moment. */
  #checkExpired(operation: string): void {
    const decidedAt = this.#decidedAt.get(operation) ?? this.#scheduler.now;
    const agoMs = decidedAt - (this.#receivedAt.get(operation) ?? Infinity);
    this.#violations.check(
      agoMs < MAX_MESSAGE_MS,
      "a message ends the wait for it",
      () => `${operation}: received ${Math.round(agoMs)} ms before its work stopped waiting`,
    );
  }
}
