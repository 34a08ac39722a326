import { AsyncLocalStorage } from "node:async_hooks";
import type { VirtualClock } from "../virtual-clock.ts";
import type { WorkFunctionCall } from "../wrapped-work.ts";

/** The place in checked work in which the current code runs. */
export interface WorkScope {
  readonly process: { readonly clock: VirtualClock; isLost: boolean };
  /** The function of a step, an undo or a check; undefined outside of them. */
  readonly call?: WorkFunctionCall;
  /** Number of the call of this function. */
  readonly invocation?: number;
}

export const workScope = new AsyncLocalStorage<WorkScope>();

/** The golden ratio: its multiples spread evenly between 0 and 1. */
const GOLDEN_RATIO = (Math.sqrt(5) - 1) / 2;

let users = 0;
let restore = (): void => {};

/**
 * Makes `Date` and `Math.random` deterministic in work, and in nothing else: dates follow the virtual clock.
 *
 * @returns a function that restores them, once its last user has called it
 */
export function controlWorkGlobals(): () => void {
  if (++users === 1) restore = replaceGlobals();
  return () => {
    if (--users === 0) restore();
  };
}

function replaceGlobals(): () => void {
  const { Date: RealDate } = globalThis;
  const realRandom = Math.random;
  let numbers = 0;
  const now = (): number => workScope.getStore()?.process.clock.now() ?? RealDate.now();
  globalThis.Date = new Proxy(RealDate, {
    construct: (target, given: unknown[], newTarget): Date => {
      const date: unknown = Reflect.construct(target, given.length === 0 ? [now()] : given, newTarget);
      return date instanceof RealDate ? date : new RealDate(now());
    },
    get: (target, property, receiver): unknown => (property === "now" ? now : Reflect.get(target, property, receiver)),
  });
  Math.random = () => (workScope.getStore() === undefined ? realRandom() : (++numbers * GOLDEN_RATIO) % 1);
  return () => {
    globalThis.Date = RealDate;
    Math.random = realRandom;
  };
}
