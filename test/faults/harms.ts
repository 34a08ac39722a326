import { setTimeout as passes } from "node:timers/promises";
import { anyOf, random } from "../support/random.ts";
import type { Harm } from "./fleet.ts";
import type { Network } from "./network.ts";

/** Duration that exceeds a lease, so that other workers claim the operations of the paused process. */
const PAST_LEASE_MS = 20_000;

/** A process that can be harmed. */
export interface Part {
  /** Name of the process in the network. */
  readonly name: string;
  /** Kind of the process: `server`. */
  readonly kind: string;
  /** Ends the process as a crash does. May return how. */
  readonly kill: () => Promise<string | void>;
  /** Restarts the process with its stored data. */
  readonly start: () => Promise<void>;
  /** Pauses the process. Returns a function that resumes it. */
  readonly freeze: () => (() => void) | Promise<() => void>;
}

type Way = (part: Part, network: Network) => Promise<string>;

const WAYS: Readonly<Record<string, Way>> = {
  async killed(part) {
    const how = (await part.kill()) ?? "";
    await passes(random() * 2000);
    await part.start();
    return `killed${how}`;
  },
  async paused(part) {
    const ms = aWhile();
    const wake = await part.freeze();
    await passes(ms);
    wake();
    return `paused for ${ms} ms`;
  },
  async "cut off"(part, network) {
    const ms = aWhile();
    return `cut off for ${ms} ms, ${await network.cutOff(part.name, ms)}`;
  },
};

function aWhile(): number {
  return random() < 0.2 ? PAST_LEASE_MS : Math.round(random() * 4000);
}

/**
 * Harms one process after the other. Each kind of process is harmed once in each way, in random order, before any repetition, so
 * that a run of sufficient length covers all of them.
 */
export function createHarming(parts: readonly Part[], network: Network): () => Promise<Harm> {
  const kinds = [...Map.groupBy(parts, ({ kind }) => kind).values()];
  const all = kinds.flatMap((ofKind) => Object.entries(WAYS).map(([name, way]) => ({ ofKind, name, way })));
  let left: typeof all = [];
  return async () => {
    if (left.length === 0) left = [...all];
    const drawn = anyOf(left);
    left.splice(left.indexOf(drawn), 1);
    const part = anyOf(drawn.ofKind);
    return { harm: `${part.kind} ${drawn.name}`, description: `${part.name} ${await drawn.way(part, network)}` };
  };
}
