import { isDeepStrictEqual } from "node:util";
import type { Report } from "./finding.ts";
import { workScope, type WorkScope } from "./work-scope.ts";

/** An effect of a fake, such as a charge. */
export interface EffectKey {
  readonly effect: string;
  /** Idempotency key, or another id that the external system knows; undefined if each request has an effect. */
  readonly key: string | undefined;
}

/** A call that a fake received. */
export interface EffectRequest extends EffectKey {
  /** The request, which must stay the same for the same key. */
  readonly input?: unknown;
  /** True if the effect may remain after a cancel or a failure, such as a sent e-mail. @default false */
  readonly lasting?: boolean;
}

/** Records the effects of fakes. */
export interface Effects {
  /** Performs an effect once for each key, like a service that honours idempotency keys. Returns the result of the first `act`. */
  readonly perform: <Result = undefined>(request: EffectRequest, act?: () => Result) => Result;
  /** Reverts the effect with this key. Returns false if there is none. */
  readonly revert: (effect: EffectKey) => boolean;
  /** Adds state of a fake that undoing must restore, such as a stock. It must not contain times. */
  readonly watch: (name: string, state: () => unknown) => void;
}

/** An effect that was performed. */
export interface Effect extends EffectRequest {
  readonly step: string | undefined;
  readonly result: unknown;
  readonly isCompensation: boolean;
  invocation: number | undefined;
  isStanding: boolean;
}

/** The effects that an undo must revert, and the watched states. */
export interface EffectState {
  readonly standing: readonly Effect[];
  readonly watched: ReadonlyMap<string, unknown>;
}

export class RecordedEffects implements Effects {
  #effects: readonly Effect[] = [];
  readonly #watched = new Map<string, () => unknown>();
  readonly #report: Report;

  constructor(report: Report) {
    this.#report = report;
  }

  get state(): EffectState {
    const standing = this.#effects.filter((each) => each.isStanding && !each.isCompensation && each.lasting !== true);
    return { standing, watched: new Map([...this.#watched].map(([name, state]) => [name, structuredClone(state())])) };
  }

  readonly perform = <Result = undefined>(request: EffectRequest, act?: () => Result): Result => {
    const { call, invocation } = this.#scopeOf(request);
    const known = this.#find(request);
    if (known?.isStanding === true) {
      this.#checkRepeated(known, request, call?.step);
      known.invocation = invocation;
      // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the same fake returned it
      return known.result as Result;
    }
    const isCompensation = known === undefined ? call?.kind === "undo" : known.isCompensation;
    const step = known === undefined ? call?.step : known.step;
    if (call !== undefined) this.#checkNew({ ...request, step, isCompensation }, invocation);
    const result = act?.();
    const added: Effect = { ...request, step, isCompensation, result, invocation, isStanding: true };
    this.#effects = [...this.#effects.filter((each) => each !== known), added];
    if (result instanceof Promise) result.catch(() => (added.isStanding = false));
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the result is undefined only without `act`
    return result as Result;
  };

  readonly revert = (effect: EffectKey): boolean => {
    this.#scopeOf(effect);
    const known = this.#find(effect);
    const isStanding = known?.isStanding === true;
    if (known !== undefined) known.isStanding = false;
    return isStanding;
  };

  readonly watch = (name: string, state: () => unknown): void => {
    this.#watched.set(name, state);
  };

  #find({ effect, key }: EffectKey): Effect | undefined {
    return this.#effects.find((each) => key !== undefined && each.effect === effect && each.key === key);
  }

  /** @throws Error if the process is lost, and so has no effect any more */
  #scopeOf({ effect }: EffectKey): Partial<WorkScope> {
    const scope = workScope.getStore();
    if (scope === undefined) return {};
    if (scope.process.isLost) throw new Error("The process of this attempt is lost.");
    const problem = `"${effect}" happens outside of a step, so every attempt repeats it. Move it into a step.`;
    if (scope.call === undefined) this.#report("effect-outside-step", undefined, problem);
    return scope;
  }

  #checkRepeated(known: Effect, { effect, key, input }: EffectRequest, step: string | undefined): void {
    if (step === undefined || known.step === undefined) return;
    const [first, second] = [known.input, input].map((each) => JSON.stringify(each));
    const shared = `"${effect}" gets the key "${key}" of "${known.step}", so it does nothing. Pass the step's own key.`;
    const changed = `"${effect}" gets the request ${second} with the key of ${first}. Compute what changes in a step before.`;
    if (known.step !== step) this.#report("key-shared", step, shared);
    else if (!isDeepStrictEqual(known.input, input)) this.#report("request-changed", step, changed);
  }

  #checkNew(added: Pick<Effect, "effect" | "key" | "step" | "isCompensation">, invocation: number | undefined): void {
    const { effect, key, step, isCompensation } = added;
    const isSame = (each: Effect): boolean =>
      each.effect === effect && each.step === step && each.isCompensation === isCompensation;
    const earlier = this.#effects.find((each) => isSame(each) && each.isStanding && each.invocation !== invocation);
    if (earlier === undefined) return;
    const keys = key === undefined ? "without a key" : `with the key "${key}" after "${earlier.key}"`;
    const problem = `"${effect}" is performed again ${keys}. Pass the idempotencyKey, which stays the same.`;
    const kind = key === undefined ? "effect-repeated" : "key-changed";
    this.#report(isCompensation ? "undo-repeats" : kind, step, problem);
  }
}
