import type { Jsonified } from "./json/json.ts";
import type { Schema, SchemaOutput } from "./json/schema.ts";
import type { Settled } from "./settle.ts";

/** The messages a type receives, by name. */
export type MessageSchemas = { readonly [name: string]: Schema };

export interface StepRun {
  /** Stays the same over attempts and restarts, and differs after an undo: give it to the outside system, so that it does the step once. */
  readonly idempotencyKey: string;
  /** Aborted when the attempt is cancelled, over its time, or the step is over its own. */
  readonly signal: AbortSignal;
}

export interface UndoRun<Result> {
  /** What the step returned; undefined where it began and was never recorded, so that it may or may not have happened. */
  readonly result: Result | undefined;
  /** The key that the step was given. */
  readonly idempotencyKey: string;
  readonly signal: AbortSignal;
}

export interface StepRetry {
  /** How often the step is tried in all. @default 1 */
  readonly attempts?: number;
  /** The first pause between tries. @default 1000 */
  readonly initialMs?: number;
  /** What each further pause is multiplied by. @default 2 */
  readonly factor?: number;
  /** The longest pause. @default 60000 */
  readonly maxMs?: number;
}

export interface StepOptions<Result> {
  /** Takes back what the step did, when the operation fails or is cancelled. May run more than once; must not mind. */
  readonly undo?: (run: UndoRun<Jsonified<Result>>) => unknown;
  /** Tries within one attempt. @default none: a failed step fails the attempt */
  readonly retry?: StepRetry;
  /**
   * How long one try may take. Then its signal is aborted, and a try that does not react is given up 5 seconds later.
   *
   * @default the attempt's own limit
   */
  readonly timeoutMs?: number;
}

export interface UntilOptions {
  /** How long between two checks. @default 5000 */
  readonly everyMs?: number;
  /** After how long it gives up and returns undefined. @default never before the operation's deadline */
  readonly timeoutMs?: number;
}

/** The latest value of every field; what is left out stays as it is. */
export interface Report<Details> {
  /** From 0 to 1. Never goes back within an attempt. */
  readonly progress?: number;
  /** The label shown until the next one, or until the operation is settled. */
  readonly status?: string;
  /** Shown at once, merged over the details reported before. */
  readonly details?: Partial<Details>;
  /** How much longer it takes, in milliseconds: wins over what is learned. */
  readonly estimatedTimeRemainingMs?: number;
}

/** What an attempt is given. */
export interface WorkContext<Configuration, Details, Input, Messages> {
  readonly id: string;
  readonly operation: { readonly id: string; readonly kind: string };
  /** 1 for the first. */
  readonly attempt: number;
  /** The target configuration. */
  readonly configuration: SchemaOutput<Configuration>;
  /** The configuration of the last success; undefined in a create. */
  readonly previousConfiguration: SchemaOutput<Configuration> | undefined;
  /** The details of the last success. In a create there are none yet, and every field reads as undefined. */
  readonly details: SchemaOutput<Details>;
  /** What the client sent with an action that declares an input. */
  readonly input: SchemaOutput<Input>;
  /** Aborted when the operation is cancelled, the attempt is over its time, or this worker no longer holds it. */
  readonly signal: AbortSignal;

  /** Says how far the work is. Needs no await, is sent at most every half second unless the label changes. */
  readonly report: (report: Report<SchemaOutput<Details>>) => void;
  /**
   * Runs one part of the work and resolves when its result is committed; on a later attempt the recorded result is given and
   * nothing is run. Around a crash it is at-least-once, so give its `idempotencyKey` to the outside system.
   *
   * What a step throws is given to work as a later attempt would be given it: a WorkError of the same code and message, or one of
   * the code `internal` for anything else. Branch on the code, not on the class.
   *
   * @throws PermanentError `step-name-used` for a name used twice in one attempt, `invalid-step-name`, `step-in-step` for a call
   *   inside another step, `step-result-not-json`, `operation-too-large`
   */
  readonly step: <Result>(
    name: string,
    run: (run: StepRun) => Result | Promise<Result>,
    options?: StepOptions<Awaited<Result>>,
  ) => Promise<Jsonified<Awaited<Result>>>;
  /**
   * Pauses the work without holding a worker, over restarts.
   *
   * Once all that work has called for waits (sleep, until, receive), the attempt ends and its signal is aborted. The next attempt
   * runs the work again from its beginning, over what is recorded, to the same place. So what work awaits beside a wait has to be
   * a step: an attempt cannot see anything else, and ends without it.
   */
  readonly sleep: (name: string, ms: number) => Promise<void>;
  /**
   * Checks again and again, without holding a worker in between, until `check` gives something other than undefined, null or
   * false, and resolves to that.
   */
  readonly until: UntilFunction;
  /** Waits, without holding a worker, for a message that the type declares in `receives`. Each call takes the next one of that name. */
  readonly receive: ReceiveFunction<Messages>;
  /**
   * Leaves the rest to the type's `observe`: ends the attempt, and the operation goes on until `observe` says what came of it. To be
   * returned, `return observed()`, once the steps before have begun the background process. Call it once.
   *
   * @throws PermanentError `nothing-observed` where the type declares no `observe`
   */
  readonly observed: () => Promise<never>;
}

type Truthy<Value> = Exclude<Value, undefined | null | false | void>;

export interface UntilFunction {
  <Value>(
    name: string,
    check: (run: StepRun) => Value | Promise<Value>,
    options?: UntilOptions & { readonly timeoutMs?: undefined },
  ): Promise<Jsonified<Truthy<Awaited<Value>>>>;
  /** Resolves to undefined after `timeoutMs`. */
  <Value>(
    name: string,
    check: (run: StepRun) => Value | Promise<Value>,
    options: UntilOptions,
  ): Promise<Jsonified<Truthy<Awaited<Value>>> | undefined>;
}

export interface ReceiveFunction<Messages> {
  <Name extends keyof Messages & string>(
    name: Name,
    options?: { readonly timeoutMs?: undefined },
  ): Promise<SchemaOutput<Messages[Name]>>;
  /** Resolves to undefined when none came within `timeoutMs`. */
  <Name extends keyof Messages & string>(
    name: Name,
    options: { readonly timeoutMs: number },
  ): Promise<SchemaOutput<Messages[Name]> | undefined>;
}

type Outcome<Details, Label extends string> = SchemaOutput<Details> | Settled<Label, SchemaOutput<Details>>;

/** A work function, over the schemas of its type. Returns the details, whole, or `settle(label, details)`. */
export type WorkFunction<Configuration, Details, Input, Messages, Label extends string> = (
  context: WorkContext<Configuration, Details, Input, Messages>,
) => Outcome<Details, Label> | Promise<Outcome<Details, Label>>;

/**
 * The type of a work function that is kept apart from its declaration, over the schema constants:
 * `const resize: Work<typeof configuration, typeof details> = async ({ configuration }) => ...`
 */
export type Work<
  Configuration extends Schema,
  Details extends Schema,
  Input = undefined,
  Messages = {},
  // oxlint-disable-next-line typescript/no-explicit-any -- a label named here would have to be repeated by everyone; `any` leaves the check to run time
  Label extends string = any,
> = WorkFunction<Configuration, Details, Input, Messages, Label>;
