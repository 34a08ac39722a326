import type { Change, Folded } from "../core/change.ts";
import type { ResourceType } from "../core/definition/resource-type.ts";
import type { AttemptEvent, OperationEvent } from "../core/events.ts";
import type { HistoryEntry } from "../core/history.ts";
import { kindPolicyOf } from "../core/policy.ts";
import type { Grant } from "../core/ports/messages.ts";
import type { ReceivedMessage, Resource, StepRecord } from "../core/resource.ts";
import { fold } from "../core/state-machine/fold.ts";
import type { VirtualClock } from "./virtual-clock.ts";

type Unstamped<Union> = Union extends unknown ? Omit<Union, "at" | "random"> : never;

/** One resource in memory, changed by the state machine that every store applies. */
export class TestedResource {
  readonly #type: ResourceType;
  readonly #clock: VirtualClock;
  readonly #records = new Map<string, StepRecord>();
  readonly #messages: ReceivedMessage[] = [];
  readonly #history: HistoryEntry[] = [];
  #resource: Resource | undefined;
  #claims = 0;

  constructor(type: ResourceType, clock: VirtualClock) {
    this.#type = type;
    this.#clock = clock;
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

  /** Makes one change, as a transaction of a store would. */
  apply(change: Unstamped<Change>): Folded {
    const { clock } = { clock: this.#clock };
    const event = change.change === "event" ? change.event : undefined;
    const stored = event?.event === "recorded" ? this.#records.get(event.step) : undefined;
    const policies = new Map([[this.#type.name, this.#type.policy]]);
    const folded = fold(policies, this.#resource, { ...change, at: clock.now(), random: clock.random() }, stored);
    if (folded.resource !== undefined) this.#resource = folded.resource;
    this.#history.push(...folded.history);
    if (folded.record !== undefined) this.#records.set(folded.record.step, folded.record);
    if (folded.message !== undefined) this.#messages.push(folded.message);
    if (folded.clearFailed === true) this.#clearFailed();
    return folded;
  }

  tell(event: OperationEvent): Folded {
    const { type, id } = this.resource;
    return this.apply({ change: "event", target: { type, id }, event });
  }

  /** What an attempt says; dropped where it is over. */
  tellOf(operation: string, event: AttemptEvent): Folded {
    return this.apply({ change: "event", target: { operation }, event });
  }

  /** Hands the operation out, as a claim would; undefined where it is not due. */
  claim(): Grant | undefined {
    const claim = ++this.#claims;
    if (this.tell({ event: "claimed", worker: `worker ${claim}`, claim }).outcome !== "applied") return undefined;
    const { type, id, operation, configuration, details, status } = this.resource;
    return {
      operation: operation.id,
      root: operation.root,
      type,
      id,
      kind: operation.kind,
      attempt: operation.attempt,
      failures: operation.failures,
      configuration: operation.configuration,
      previousConfiguration: operation.kind === "create" ? null : configuration,
      details,
      input: operation.input,
      progress: operation.progress,
      status,
      records: this.records,
      received: [...this.#messages],
      mode: operation.state === "undoing" ? "undo" : "forward",
      isolated: false,
      timeoutMs: kindPolicyOf(this.#type.policy, operation.kind).timeoutMs,
      trace: null,
      at: this.#clock.now(),
    };
  }

  #clearFailed(): void {
    for (const [step, record] of this.#records) {
      if (record.state !== "failed") continue;
      if (record.undo) this.#records.set(step, { ...record, state: "started", result: null, error: null });
      else this.#records.delete(step);
    }
  }
}
