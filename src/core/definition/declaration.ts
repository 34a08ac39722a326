import type { Schema, SchemaInput, SchemaOutput } from "../json/schema.ts";
import type { MessageSchemas, WorkContext, WorkFunction } from "../work.ts";
import type { Observe } from "./resource-type.ts";

/** The labels that clients see of a settled resource. */
export interface Statuses<Ready extends string> {
  /** Success: one label, or several of which the first is the default. */
  readonly ready: Ready | readonly [Ready, ...Ready[]];
  /** A create that failed. @default "Failed" */
  readonly failed?: string;
  /** A create that was cancelled. @default "Cancelled" */
  readonly cancelled?: string;
  /** A failed update or action shows the failed label instead of the one before it. @default false */
  readonly failedAfterChange?: boolean;
}

/** What every operation may say. */
export interface OperationOptions {
  /** The label shown while it is in progress, until work reports another. */
  readonly status: string;
  /** How often it is attempted, and the pauses between. */
  readonly retry?: {
    /** How many attempts may fail, the last for good. @default 5 */
    readonly attempts?: number;
    /** The first pause. @default 1000 */
    readonly initialMs?: number;
    /** What each further pause is multiplied by. @default 2 */
    readonly factor?: number;
    /** The longest pause. @default 60000 */
    readonly maxMs?: number;
    /** How many workers may be lost in it. @default 20 */
    readonly lostWorkers?: number;
  };
  /** How long one attempt may run. @default 3600000, an hour */
  readonly timeoutMs?: number;
  /** How long the whole operation may take, waiting included. @default 604800000, seven days */
  readonly deadlineMs?: number;
  readonly undo?: {
    /** How many attempts at undoing may fail. @default 10 */
    readonly attempts?: number;
    /** How long undoing may take in all. @default 86400000, a day */
    readonly deadlineMs?: number;
  };
  /** `process`: every attempt runs in a process of its own. @default "none" */
  readonly isolation?: "none" | "process";
}

interface WithWork<Work> {
  /** @default false */
  readonly external?: false;
  readonly work: Work;
}

/** Done by an outside process, which claims it or posts status messages. */
interface WithoutWork {
  readonly external: true;
  readonly work?: undefined;
}

export type OperationDeclaration<Work> = OperationOptions & (WithWork<Work> | WithoutWork);

export type ActionDeclaration<Input, Work> = OperationDeclaration<Work> & {
  /** What the client sends with the action. Left out: nothing. */
  readonly input?: Input;
};

export type DeleteWork<Configuration, Details, Messages> = (
  context: WorkContext<Configuration, Details, undefined, Messages>,
) => unknown;

/** Everything a resource type says. See `defineResource`. */
export interface ResourceDeclaration<
  Name extends string,
  Configuration extends Schema,
  Details extends Schema,
  Ready extends string,
  Actions extends object,
  Messages extends MessageSchemas,
  Path extends string = string,
  Redact extends string = string,
> {
  /** Lower-case words joined by hyphens: `virtual-machine`. */
  readonly name: Name;
  /** The path segment of the collection, and in camel case its name in the typed client. @default the plural of the name: `virtual-machines` */
  readonly path?: Path;
  /** What the client asks for. */
  readonly configuration: Configuration;
  /**
   * Fields of the configuration that work is given and that never come back: passwords, keys. Names, with dots where one lies within
   * another, as `database.password`; they go through lists, to the field of each item. Representations, lists, events and faults
   * leave them out; a PATCH without them keeps them, and one with them is always a change.
   *
   * @default none
   */
  readonly redact?: readonly Redact[];
  /** What work finds out: an object, whose fields stand at the top of the representation. */
  readonly details: Details;
  readonly statuses: Statuses<Ready>;
  readonly create: OperationDeclaration<
    WorkFunction<NoInfer<Configuration>, NoInfer<Details>, undefined, NoInfer<Messages>, NoInfer<Ready>>
  >;
  /** Left out: PUT and PATCH of an existing resource answer 405. */
  readonly update?: OperationDeclaration<
    WorkFunction<NoInfer<Configuration>, NoInfer<Details>, undefined, NoInfer<Messages>, NoInfer<Ready>>
  >;
  /** Left out: DELETE removes the resource at once. */
  readonly delete?: OperationDeclaration<DeleteWork<NoInfer<Configuration>, NoInfer<Details>, NoInfer<Messages>>>;
  /** `POST /{id}/{action}`, by name. */
  readonly actions?: {
    readonly [Action in keyof Actions]: ActionDeclaration<
      Actions[Action],
      WorkFunction<NoInfer<Configuration>, NoInfer<Details>, Actions[Action], NoInfer<Messages>, NoInfer<Ready>>
    >;
  };
  /** Messages that work may wait for with `receive(name)`, posted to `POST /{id}/{name}`. */
  readonly receives?: Messages;
  /**
   * Asks the background process, where it is elsewhere, how things stand: on every GET, and every few seconds while an operation is in
   * progress. What it answers is stored, then shown; nothing, or no answer within two seconds, shows what is stored. It must change
   * nothing, and may be called by any server, several at once.
   */
  readonly observe?: Observe<SchemaOutput<NoInfer<Configuration>>, SchemaOutput<NoInfer<Details>>>;
  /**
   * Asks the worker that holds an attempt for its latest progress on every GET, for 250 ms at most: it is otherwise up to half a second
   * old. @default false
   */
  readonly liveStatus?: boolean;
  /** Turns a stored configuration and details of an older shape into today's, when they are read. */
  readonly migrate?: (stored: { readonly configuration: unknown; readonly details: unknown }) => {
    readonly configuration: SchemaInput<NoInfer<Configuration>>;
    readonly details: unknown;
  };
  /** How the resource is written for clients. */
  readonly representation?: {
    /** Adds `createdAt` and `updatedAt`. @default false */
    readonly timestamps?: boolean;
    /** @default "percent" */
    readonly progress?: "percent" | "fraction";
    /** @default "text" */
    readonly time?: "text" | "iso8601" | "seconds";
    /** Adds `attempt` and `observedAt`. @default false */
    readonly liveness?: boolean;
  };
  /** How many operations of the type one worker runs at once. @default 100 */
  readonly concurrency?: number;
  /** How many resources may be in progress at once; more are refused with 429. @default no limit */
  readonly maxInProgress?: number;
  /** How much records, received messages and details one operation may hold, in characters of JSON. @default 1048576 */
  readonly maxBytes?: number;
}
