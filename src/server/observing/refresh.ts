import type { EventChange } from "../../core/change.ts";
import { AfootError } from "../../core/errors.ts";
import type { OperationEvent } from "../../core/events.ts";
import type { Policies } from "../../core/policy.ts";
import type { Broker } from "../../core/ports/broker.ts";
import type { Resource } from "../../core/resource.ts";
import type { Clock } from "../../core/scheduling/clock.ts";
import { fold } from "../../core/state-machine/fold.ts";
import type { Commit } from "../storage/commit.ts";
import type { Complain } from "./throttled-warnings.ts";

export interface AskParts {
  readonly policies: Policies;
  readonly commit: Commit;
  readonly broker: Pick<Broker, "flush" | "isShared">;
  readonly clock: Clock;
  readonly complain: Complain;
}

/**
 * Asks whoever may know more of a resource than is stored. Resolves to what is stored then: an answer is stored before anybody sees
 * it. Without an answer in time, or with one that means nothing, that is the resource as it was given. Never rejects.
 */
export type Ask = (resource: Resource) => Promise<Resource>;

/** How one question is asked: resolves to the row that holds the answer. Undefined where nobody is asked, or nothing was answered. */
export type Question = (resource: Resource) => Promise<Resource | undefined> | undefined;

export function asking(question: Question): Ask {
  return async (resource) => {
    const answer = await question(resource);
    // Whoever joined a question late may have read more than it was about.
    const isNewer = answer?.creation === resource.creation && answer.version >= resource.version;
    return isNewer ? answer : resource;
  };
}

/** How resources are told apart in questions and complaints. */
export function nameOf({ type, id }: Pick<Resource, "type" | "id">): string {
  return `${type}/${id}`;
}

/**
 * Stores an answer. What would change nothing is not written.
 *
 * @throws AfootError `answer-refused` for what the operation cannot take
 */
export async function store(
  { policies, commit, clock }: AskParts,
  resource: Resource,
  event: OperationEvent,
): Promise<Resource | undefined> {
  const change: EventChange = {
    change: "event",
    target: { operation: resource.operation.id },
    event,
    at: clock.now(),
    random: clock.random(),
  };
  const { outcome, code } = fold(policies, resource, change);
  if (outcome === "refused") throw refused(code);
  if (outcome !== "applied") return resource;
  const [applied] = await commit([change]);
  if (applied?.outcome === "refused" && applied.resource !== undefined) throw refused(applied.code);
  return applied?.resource;
}

function refused(code: string | undefined): AfootError {
  return new AfootError("answer-refused", `The operation cannot take it: ${code}.`);
}
