import type { Jsonified } from "./json/json.ts";
import type { Schema, SchemaInput, SchemaOutput } from "./json/schema.ts";
import type { Principal } from "./principal.ts";
import type { Settled } from "./settle.ts";

/** The messages that a type receives, by name. */
export type MessageSchemas = { readonly [name: string]: Schema };

/** A resource type whose resources work creates. */
export interface ChildType {
  readonly name: string;
  readonly "~spec"?: { readonly configuration: Schema; readonly details: Schema };
}

/** The types of the children of a type, by a name: each a resource type, or a function that returns it. */
export type ChildTypes = { readonly [name: string]: ChildType | (() => ChildType) };

type ChildSpec<Type> = Type extends () => infer Returned
  ? ChildSpec<Returned>
  : Type extends { readonly "~spec"?: infer Spec }
    ? NonNullable<Spec>
    : never;

type ChildConfiguration<Type> = ChildSpec<Type> extends { readonly configuration: infer Of } ? SchemaInput<Of> : never;
type ChildDetails<Type> = ChildSpec<Type> extends { readonly details: infer Of } ? SchemaOutput<Of> : never;

/** A child that work has created. */
export interface Child<Details = unknown> {
  readonly name: string;
  /** Name of its resource type. */
  readonly type: string;
  readonly id: string;
  /** @internal holds the static type of its details */
  readonly "~details"?: Details;
}

/** A child whose operation succeeded. */
export interface SettledChild<Details = unknown> {
  readonly name: string;
  readonly id: string;
  readonly status: string;
  readonly details: Details;
}

/** The type of `child`. */
export type ChildFunction<Children> = <Type extends keyof Children & string>(
  name: string,
  type: Type,
  configuration: ChildConfiguration<Children[Type]>,
) => Promise<Child<ChildDetails<Children[Type]>>>;

/** The type of `settled`. */
export interface SettledFunction {
  <Details>(child: Child<Details>): Promise<SettledChild<Details>>;
  (name: string): Promise<SettledChild>;
  <const List extends readonly (Child | string)[]>(
    children: List,
  ): Promise<{
    readonly [Index in keyof List]: SettledChild<List[Index] extends Child<infer Details> ? Details : unknown>;
  }>;
}

/** The parameters of one run of a step. */
export interface StepRun {
  /**
   * Stable over attempts and restarts, and new after an undo. Pass it to the external system, so that it performs the
   * step once. It has at most 64 letters, digits, `-` and `_`.
   */
  readonly idempotencyKey: string;
  /** Aborted when the attempt is cancelled or times out, or when the step times out. */
  readonly signal: AbortSignal;
}

/** The parameters of one run of a step's `undo`. */
export interface UndoRun<Result> {
  /**
   * The result of the step; undefined if it began but no result was recorded, so that it may or may not have happened.
   */
  readonly result: Result | undefined;
  /** The idempotency key that the step got. */
  readonly idempotencyKey: string;
  readonly signal: AbortSignal;
  /** Owner of the resource; undefined if it has none. */
  readonly owner: string | undefined;
  /** The principal who asked for the operation that is undone; in a retry, the principal who asked for the retry. */
  readonly principal: Principal | undefined;
}

/** Retries of a step within one attempt. */
export interface StepRetry {
  /** Maximum number of tries. @default 1 */
  readonly attempts?: number;
  /** First pause between tries. @default 1000 */
  readonly initialMs?: number;
  /** Factor by which each further pause grows. @default 2 */
  readonly factor?: number;
  /** Maximum pause. @default 60000 */
  readonly maxMs?: number;
}

/** Options of a step. */
export interface StepOptions<Result> {
  /**
   * Compensates the step when the operation fails or is cancelled. It may run more than once, so it must be idempotent.
   */
  readonly undo?: (run: UndoRun<Jsonified<Result>>) => unknown;
  /** Retries within one attempt. @default none: a failed step fails the attempt */
  readonly retry?: StepRetry;
  /**
   * Maximum duration of one try. After it the signal is aborted; a try that does not react is abandoned 5 seconds
   * later.
   *
   * @default the timeout of the attempt
   */
  readonly timeoutMs?: number;
}

/** Options of `until`. */
export interface UntilOptions {
  /** Interval between two checks. @default 5000 */
  readonly everyMs?: number;
  /** Duration after which it returns undefined. @default none: it checks until the operation's deadline */
  readonly timeoutMs?: number;
}

/** A report of progress: the latest value of each field. Fields that are left out keep their value. */
export interface Report<Details> {
  /** From 0 to 1. Never decreases within an attempt. */
  readonly progress?: number;
  /** Label shown until the next one, or until the operation is settled. A ready, failed or cancelled label is ignored. */
  readonly status?: string;
  /** Details to show at once, merged over those reported before. */
  readonly details?: Partial<Details>;
  /** Remaining time in milliseconds. Takes precedence over the learned estimate. */
  readonly estimatedTimeRemainingMs?: number;
}

/** The context of an attempt: its input, and the functions that make its work durable. */
export interface WorkContext<Configuration, Details, Input, Messages, Children = {}> {
  readonly id: string;
  readonly operation: { readonly id: string; readonly kind: string };
  /** Number of the attempt, from 1. */
  readonly attempt: number;
  /** The target configuration. */
  readonly configuration: SchemaOutput<Configuration>;
  /** The configuration of the last success; undefined in a create. */
  readonly previousConfiguration: SchemaOutput<Configuration> | undefined;
  /** The details of the last success. In a create every field is undefined. */
  readonly details: SchemaOutput<Details>;
  /** The input that the client sent with an action. Only for actions that declare one. */
  readonly input: SchemaOutput<Input>;
  /**
   * Owner of the resource; undefined if it has none: it was created without authentication, or by a call inside the
   * process without an owner. Choose the data that work reads and writes by it, never by a field of the configuration.
   */
  readonly owner: string | undefined;
  /**
   * The principal who asked for this operation, as `authenticate` returned it then: each operation, and each retry, has
   * its own. Undefined without authentication, and for a call inside the process with full access. Clients never see it.
   */
  readonly principal: Principal | undefined;
  /** Aborted when the operation is cancelled, the attempt times out, or this worker has lost its claim. */
  readonly signal: AbortSignal;

  /**
   * Reports progress. Needs no await. Reports are sent at most every half second, a new label at once. A report never fails the work:
   * numbers out of range are clamped and invalid values are ignored, with one warning in the log.
   */
  readonly report: (report: Report<SchemaOutput<Details>>) => void;
  /**
   * Runs one part of the work, and resolves once its result is committed. A later attempt returns the recorded result
   * without running the step again. Around a crash a step runs at least once, so pass its `idempotencyKey` to the
   * external system.
   *
   * The result is encoded as JSON. NaN, Infinity, BigInt, Map, Set, RegExp, Error, Promise, typed arrays, functions and
   * other values that JSON loses are rejected with their path. A Date becomes its ISO 8601 string, `toJSON` is applied,
   * `undefined` fields are left out.
   *
   * An error of a step reaches the work as a later attempt would see it: a WorkError with the same code and message, or
   * one with the code `internal` for any other error. Branch on the code, not on the class.
   *
   * The promise may be awaited at any time after its rejection. A rejection that is never awaited fails the attempt, with
   * an error that names the step.
   *
   * @throws PermanentError `step-name-used` for a name used twice in one attempt, `invalid-step-name`, `step-in-step`
   *   for a call inside another step, `step-result-not-json`, `operation-too-large`
   */
  readonly step: <Result>(
    name: string,
    run: (run: StepRun) => Result | Promise<Result>,
    options?: StepOptions<Awaited<Result>>,
  ) => Promise<Jsonified<Awaited<Result>>>;
  /**
   * Pauses the work without occupying a worker. Survives restarts. The operation fails at its `deadlineMs` in any case, so a longer
   * sleep is logged as a warning at once.
   *
   * Once all pending calls of the work wait (sleep, until, receive), the attempt ends and its signal is aborted. The
   * next attempt replays the work from its beginning, over the recorded results, up to the same call. Anything that the
   * work awaits beside a wait must therefore be a step: the attempt cannot see anything else, and ends without it.
   */
  readonly sleep: (name: string, ms: number) => Promise<void>;
  /**
   * Calls `check` repeatedly, without occupying a worker between two calls, until it returns a value other than
   * undefined, null and false. Resolves to that value. A `timeoutMs` beyond the operation's `deadlineMs` is logged as a
   * warning, because the operation fails first.
   */
  readonly until: UntilFunction;
  /**
   * Waits for a message that the type declares in `receives`, without occupying a worker. Each call returns the next
   * message of that name. A `timeoutMs` beyond the operation's `deadlineMs` is logged as a warning, because the operation
   * fails first.
   */
  readonly receive: ReceiveFunction<Messages>;
  /**
   * Creates a resource of a type that the declaration lists in `children`, once, whatever crashes: it is stored in the same
   * commit as the record of the call. The name is one of the work, as that of a step. The child belongs to the owner of
   * this resource. If its type has reached `maxInProgress`, the work waits without occupying a worker.
   *
   * If the operation fails or is cancelled, the child is deleted, unless the type declares `cascade: { cancel: false }`.
   * Work that runs again after a failure gets the same child; one that has failed is retried.
   *
   * @throws PermanentError `invalid-child` for a configuration that the child's schema refuses, `unknown-child-type`,
   *   `too-many-children`, `children-too-deep`
   */
  readonly child: ChildFunction<Children>;
  /**
   * Waits, without occupying a worker, until the operation of a child is settled. Resolves to its label and details. Given
   * a list, waits for all of it, and rejects with the first failure.
   *
   * @throws WorkError with the code and message of the child's error; PermanentError if that is not retryable,
   *   `child-cancelled` and `child-deleted` if a client has cancelled or deleted the child, `unknown-child`
   */
  readonly settled: SettledFunction;
  /**
   * Leaves the rest to the type's `observe`, or with `external: true` to status messages: the attempt ends, and the
   * operation continues until `observe` returns its outcome, or a message reports it. Call it once and return it,
   * `return observed()`, after the steps that begin the background process.
   *
   * @throws PermanentError `nothing-observed` if the type declares no `observe` and the operation no `external: true`
   */
  readonly observed: () => Promise<never>;
}

type Truthy<Value> = Exclude<Value, undefined | null | false | void>;

/** The type of `until`. */
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

/** The type of `receive`. */
export interface ReceiveFunction<Messages> {
  <Name extends keyof Messages & string>(
    name: Name,
    options?: { readonly timeoutMs?: undefined },
  ): Promise<SchemaOutput<Messages[Name]>>;
  /** Resolves to undefined if no message arrives within `timeoutMs`. */
  <Name extends keyof Messages & string>(
    name: Name,
    options: { readonly timeoutMs: number },
  ): Promise<SchemaOutput<Messages[Name]> | undefined>;
}

type Outcome<Details, Label extends string> = SchemaOutput<Details> | Settled<Label, SchemaOutput<Details>>;

/** A work function of a type with these schemas. Returns the complete details, or `settle(label, details)`. */
export type WorkFunction<Configuration, Details, Input, Messages, Label extends string, Children = {}> = (
  context: WorkContext<Configuration, Details, Input, Messages, Children>,
) => Outcome<Details, Label> | Promise<Outcome<Details, Label>>;

/**
 * The type of a work function that is defined outside its declaration, over the schema constants:
 * `const resize: Work<typeof configuration, typeof details> = async ({ configuration }) => ...`
 */
export type Work<
  Configuration extends Schema,
  Details extends Schema,
  Input = undefined,
  Messages = {},
  // oxlint-disable-next-line typescript/no-explicit-any -- a label named here would have to be repeated by everyone; `any` leaves the check to run time
  Label extends string = any,
  Children extends ChildTypes = {},
> = WorkFunction<Configuration, Details, Input, Messages, Label, Children>;
