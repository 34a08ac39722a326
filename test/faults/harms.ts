import { setTimeout as passes } from "node:timers/promises";
import { anyOf, random } from "../support/random.ts";
import type { Harm } from "./fleet.ts";
import type { Network } from "./network.ts";

/** Longer than a lease: others take over what a process holds, and it comes back to find that out. */
const PAST_LEASE_MS = 20_000;

/** A process that can be harmed. */
export interface Part {
  /** By which the network knows it. */
  readonly name: string;
  /** What it is of: `server`. */
  readonly kind: string;
  /** Ends it as a crash does. May say how. */
  readonly kill: () => Promise<string | void>;
  /** Brings it back with what it had stored. */
  readonly start: () => Promise<void>;
  /** It holds what it holds and says nothing. Gives how to wake it up. */
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
 * Harms one process after the other, each kind of them in each way: all of it once, in an order of chance, before anything comes
 * again, so that a run that is long enough meets all of it.
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
    return { harm: `${part.kind} ${drawn.name}`, said: `${part.name} ${await drawn.way(part, network)}` };
  };
}
