import type { Change, ChangeResult } from "../core/change.ts";
import type { ResourceType } from "../core/definition/resource-type.ts";
import type { OperationEvent } from "../core/events.ts";
import type { HistoryEntry } from "../core/history.ts";
import { type Policies, policiesOf } from "../core/policy.ts";
import type { Grant } from "../core/ports/messages.ts";
import type { ReceivedMessage, Resource, StepRecord } from "../core/resource.ts";
import { reduceChange } from "../core/state-machine/reduce-change.ts";
import { grantOf } from "../server/workers/claims.ts";
import type { TestedChildren } from "./tested-children.ts";
import type { VirtualClock } from "./virtual-clock.ts";

type Unstamped<Union> = Union extends unknown ? Omit<Union, "at" | "random"> : never;

/** One resource in memory, changed by the same state machine as in every store. */
export class TestedResource {
  readonly #policies: Policies;
  readonly #clock: VirtualClock;
  readonly #records = new Map<string, StepRecord>();
  readonly #messages: ReceivedMessage[] = [];
  readonly #history: HistoryEntry[] = [];
  #resource: Resource | undefined;
  #claims = 0;

  readonly children: TestedChildren;

  constructor(type: ResourceType, clock: VirtualClock, children: TestedChildren) {
    this.#policies = policiesOf([type]);
    this.#clock = clock;
    this.children = children;
  }

  get resource(): Resource {
    if (this.#resource === undefined) throw new TypeError("no operation was accepted yet");
    return this.#resource;
  }

  get records(): readonly StepRecord[] {
    return [...this.#records.values()].toSorted((a, b) => a.position - b.position);
  }

  get history(): readonly HistoryEntry[] {
    return this.#history;
  }

  /** Applies one change, like a transaction of a store. */
  apply(change: Unstamped<Change>): ChangeResult {
    const event = change.change === "event" ? change.event : undefined;
    const stored = event?.event === "recorded" ? this.#records.get(event.step) : undefined;
    const result = reduceChange(
      this.#policies,
      this.#resource,
      { ...change, at: this.#clock.now(), random: this.#clock.random() },
      stored,
    );
    if (result.resource !== undefined) this.#resource = result.resource;
    this.#history.push(...result.history);
    if (result.record !== undefined) this.#records.set(result.record.step, result.record);
    if (result.message !== undefined) this.#messages.push(result.message);
    if (result.clearFailed === true) this.#clearFailed();
    const child = event?.event === "recorded" ? event.child : undefined;
    if (result.outcome === "applied" || result.outcome === "unchanged") this.children.apply(child, this.resource);
    return result;
  }

  applyEvent(event: OperationEvent): ChangeResult {
    const { type, id } = this.resource;
    return this.apply({ change: "event", target: { type, id }, event });
  }

  /** Claims the operation. Returns undefined if it is not due. */
  claim(): Grant | undefined {
    const claim = ++this.#claims;
    if (this.applyEvent({ event: "claimed", worker: `worker ${claim}`, claim }).outcome !== "applied") return undefined;
    const granted = { resource: this.resource, records: this.records, received: [...this.#messages] };
    return this.children.addTo(this.resource, grantOf(granted, this.#policies, null));
  }

  #clearFailed(): void {
    for (const [step, record] of this.#records) {
      if (record.state !== "failed") continue;
      if (record.undo) this.#records.set(step, { ...record, state: "started", result: null, error: null });
      else this.#records.delete(step);
    }
  }
}
