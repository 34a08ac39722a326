import type { ResourceType } from "../../core/definition/resource-type.ts";
import type { Policies } from "../../core/policy.ts";
import type { Broker } from "../../core/ports/broker.ts";
import type { Log } from "../../core/ports/log.ts";
import type { Clock } from "../../core/scheduling/clock.ts";
import type { Commit } from "../storage/commit.ts";
import { createLive } from "./live-status.ts";
import { createObserving } from "./observe.ts";
import type { Ask } from "./refresh.ts";
import { createComplaints } from "./throttled-warnings.ts";

export interface AskingParts {
  readonly types: readonly ResourceType[];
  readonly policies: Policies;
  readonly commit: Commit;
  readonly broker: Pick<Broker, "flush" | "isShared">;
  readonly clock: Clock;
  readonly log: Log;
}

/** The first flow of the pattern: on GET the server asks the background process. */
export interface Asking {
  /** By type: how whoever knows more of its resources is asked. */
  readonly asks: ReadonlyMap<string, Ask>;
  /** The same of `observe` alone: of those nobody tells unasked. */
  readonly observing: ReadonlyMap<string, Ask>;
  /** Lets go of everybody who waits for an answer, and asks no more. */
  readonly close: () => void;
}

export function createAsking({ types, log, clock, ...parts }: AskingParts): Asking {
  const shared = { ...parts, clock, complain: createComplaints(log, clock) };
  const observing = createObserving(shared);
  const live = createLive(shared);
  const both = (type: ResourceType): Ask | undefined => {
    const worker = live.of(type);
    const process = observing.of(type);
    if (worker === undefined || process === undefined) return worker ?? process;
    return async (resource) => process(await worker(resource));
  };
  return {
    asks: byType(types, both),
    observing: byType(types, observing.of),
    close() {
      observing.close();
      live.close();
    },
  };
}

function byType(types: readonly ResourceType[], of: (type: ResourceType) => Ask | undefined): ReadonlyMap<string, Ask> {
  return new Map(
    types.flatMap((type) => {
      const ask = of(type);
      return ask === undefined ? [] : [[type.name, ask] as const];
    }),
  );
}
