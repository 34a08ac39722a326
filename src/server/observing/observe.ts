import type { ObservedResource, ResourceType } from "../../core/definition/resource-type.ts";
import { type Resource, shownConfiguration, shownDetails } from "../../core/resource.ts";
import { isObservable } from "../../core/state-machine/observe-answer.ts";
import { answeredEvent } from "./observation.ts";
import { type Ask, asking, type AskParts, store } from "./refresh.ts";
import { Questions } from "./single-flight.ts";

/** How long `observe` may take. */
const OBSERVE_MS = 2000;

/** Asks the background processes of types that declare `observe`. */
export interface Observing {
  readonly of: (type: ResourceType) => Ask | undefined;
  readonly close: () => void;
}

export function createObserving(parts: AskParts): Observing {
  const { clock, complain } = parts;
  const questions = new Questions({
    clock,
    waitMs: OBSERVE_MS,
    onLate: ({ type, id }) => complain({ type, id }, LATE),
  });

  const observed = async (
    type: ResourceType,
    resource: Resource,
    signal: AbortSignal,
  ): Promise<Resource | undefined> => {
    try {
      const answer: unknown = await type.observe?.(asked(resource, signal));
      const event = await answeredEvent(answer, resource, type);
      return event === undefined ? undefined : await store(parts, resource, event);
    } catch (error) {
      // What is late was complained of already.
      if (!signal.aborted) complain({ type: type.name, id: resource.id, error }, COMPLAINT);
      return undefined;
    }
  };

  return {
    of(type) {
      if (type.observe === undefined) return undefined;
      return asking((resource) => {
        if (!isObservable(resource, type.policy, clock.now())) return undefined;
        return questions.ask(resource, (signal) => observed(type, resource, signal));
      });
    },
    close: () => questions.close(),
  };
}

const LATE = `observe did not answer within ${OBSERVE_MS} ms; what is stored already is shown`;
const COMPLAINT = "observe gave no answer that could be stored; what is stored already is shown";

function asked(resource: Resource, signal: AbortSignal): ObservedResource {
  const { id, status, operation } = resource;
  return {
    id,
    status,
    configuration: JSON.parse(shownConfiguration(resource)),
    details: JSON.parse(shownDetails(resource)),
    kind: operation.settledAt === null ? operation.kind : undefined,
    signal,
  };
}
