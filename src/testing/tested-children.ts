import { isOfEarlierTry, tryOf } from "../core/children/parent-link.ts";
import type { ResourceType } from "../core/definition/resource-type.ts";
import { AfootError } from "../core/errors.ts";
import type { ChildCommand, OperationEvent } from "../core/events.ts";
import type { OperationError } from "../core/operation.ts";
import type { ChildState, Grant } from "../core/ports/messages.ts";
import { type Resource, type ResourceKey, resourceKeyText } from "../core/resource.ts";
import { toOperationError } from "../worker/attempt/failure.ts";
import type { ChildFakes } from "./run-options.ts";

/** The end of a child's operation. */
export interface ChildOutcome {
  readonly status: string;
  readonly details: unknown;
  readonly error: OperationError | null;
  readonly elapsedMs: number;
}

/** Runs the create of a child. */
export type RunChild = (type: ResourceType, configuration: unknown) => Promise<ChildOutcome>;

interface TestedChild extends ResourceKey {
  readonly name: string;
  readonly configuration: unknown;
  state: ChildState;
  madeBy: string;
  /** True until its operation is run. */
  isDue: boolean;
}

/** The children that tested work creates: each is run to its end, or replaced by a fake, while the work waits. */
export class TestedChildren {
  readonly #types = new Map<string, readonly [declared: string, type: ResourceType]>();
  readonly #fakes: ChildFakes;
  readonly #run: RunChild;
  readonly #children = new Map<string, TestedChild>();

  constructor({ children }: ResourceType, run: RunChild, fakes: ChildFakes = {}) {
    for (const [declared, type] of children?.types() ?? []) {
      if (isResourceType(type)) this.#types.set(type.name, [declared, type]);
    }
    this.#fakes = fakes;
    this.#run = run;
  }

  /** The types of the children. */
  get types(): readonly ResourceType[] {
    return [...this.#types.values()].map(([, type]) => type);
  }

  apply(command: ChildCommand | undefined, parent: Resource): void {
    if (command === undefined) return;
    const key = resourceKeyText(command);
    const known = this.#children.get(key);
    const isFailed = known?.state.state === "failed" || known?.state.state === "absent";
    if (command.command === "delete") {
      if (known !== undefined) [known.state, known.isDue] = [{ ...known.state, isDeleting: true }, true];
    } else if (known === undefined || isFailed) {
      const { type, id, name, rawConfiguration } = command;
      const configuration: unknown = JSON.parse(rawConfiguration);
      const state = { type, id, state: "in-progress", status: "", isOfEarlierTry: false, isDeleting: false } as const;
      const madeBy = tryOf(parent.operation);
      this.#children.set(key, { type, id, name, configuration, state, madeBy, isDue: true });
    }
  }

  /** Adds the children to a grant. */
  addTo(parent: Resource, grant: Grant): Grant {
    if (this.#types.size === 0) return grant;
    const link = { type: parent.type, id: parent.id, name: "", depth: 1 };
    const states = [...this.#children.values()].map(({ state, madeBy }) => ({
      ...state,
      isOfEarlierTry: isOfEarlierTry({ parent: { ...link, madeBy } }, parent),
    }));
    return { ...grant, children: { seen: parent.operation.receivedCount, depth: 0, states } };
  }

  /** Runs the children that are due, and informs the parent when each of them ends. Returns true if there were any. */
  async runDue(later: (afterMs: number, eventOf: () => OperationEvent) => void): Promise<boolean> {
    const due = [...this.#children.values()].filter(({ isDue }) => isDue);
    for (const child of due) {
      child.isDue = false;
      const { type, id, isDeleting } = child.state;
      const outcome = isDeleting ? undefined : await this.#outcomeOf(child);
      const ended = outcome === undefined ? ({ state: "absent", isDeleting: false } as const) : endOf(outcome);
      later(outcome?.elapsedMs ?? 0, () => {
        if (child.state.isDeleting === isDeleting) child.state = { ...child.state, ...ended };
        return { event: "child-settled", type, id, isFailed: ended.state === "failed" };
      });
    }
    return due.length > 0;
  }

  async #outcomeOf({ name, type: typeName, configuration }: TestedChild): Promise<ChildOutcome> {
    const [declared = "", type] = this.#types.get(typeName) ?? [];
    const fake = this.#fakes[declared];
    if (type === undefined) throw new AfootError("unknown-child-type", `no type ${typeName}`);
    if (fake === undefined) return this.#run(type, configuration);
    try {
      const details = await fake({ name, configuration });
      return { status: type.policy.ready[0], details, error: null, elapsedMs: 0 };
    } catch (error) {
      return { status: type.policy.failed, details: undefined, error: toOperationError(error), elapsedMs: 0 };
    }
  }
}

function endOf({ status, details, error }: ChildOutcome): Pick<ChildState, "state" | "status" | "details" | "error"> {
  return error === null
    ? { state: "succeeded", status, details: JSON.stringify(details) }
    : { state: "failed", status, error };
}

function isResourceType(type: object): type is ResourceType {
  return "operations" in type && "policy" in type;
}
