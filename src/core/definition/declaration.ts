import type { Schema, SchemaInput, SchemaOutput } from "../json/schema.ts";
import type { ChildTypes, MessageSchemas, WorkContext, WorkFunction } from "../work.ts";
import type { AgentOptions, ToolDeclaration } from "./agent-options.ts";
import type { CascadeOptions, ChildLimits } from "./declared-children.ts";
import type { Observe, TurnOf } from "./resource-type.ts";

/** The labels that do not depend on the kind of the operation: those of a settled resource, and that of a cancelled operation. */
export interface Statuses<Ready extends string> {
  /** Label of a success, or several labels, the default one first. */
  readonly ready: Ready | readonly [Ready, ...Ready[]];
  /** Label after a failed create. @default "Failed" */
  readonly failed?: string;
  /** Label after a cancelled create. @default "Cancelled" */
  readonly cancelled?: string;
  /** Label from a cancel until the operation is settled, while it stops and its steps are undone. @default "Cancelling" */
  readonly cancelling?: string;
  /** Shows the failed label after a failed update or action, too, instead of the previous label. @default false */
  readonly failedAfterChange?: boolean;
}

/** Options of every operation. */
export interface OperationOptions {
  /** Sentence about the operation, for the OpenAPI document and for agents. */
  readonly description?: string;
  /** Options of its tool for agents. */
  readonly mcp?: ToolDeclaration;
  /** Label shown while the operation is in progress, until the work reports another one. */
  readonly status: string;
  /** Number of attempts, and the pauses between them. */
  readonly retry?: {
    /** Maximum number of failed attempts. @default 5 */
    readonly attempts?: number;
    /** First pause. @default 1000 */
    readonly initialMs?: number;
    /** Factor by which each further pause grows. @default 2 */
    readonly factor?: number;
    /** Maximum pause. @default 60000 */
    readonly maxMs?: number;
    /** Exact pauses, the first one first, instead of growing ones. Each is followed by an attempt. @default none */
    readonly pausesMs?: readonly number[];
    /** Maximum number of lost workers. @default 20 */
    readonly lostWorkers?: number;
  };
  /** Maximum duration of one attempt. @default 3600000, an hour */
  readonly timeoutMs?: number;
  /**
   * Maximum duration of the operation, waiting included: longer than all its sleeps, and than the longest wait for a message. A wait
   * that ends later is logged as a warning when it begins.
   *
   * @default 604800000, seven days
   */
  readonly deadlineMs?: number;
  /** Limits of undoing, which has a budget of its own. */
  readonly undo?: {
    /** Maximum number of failed attempts at undoing. @default 10 */
    readonly attempts?: number;
    /** Maximum duration of undoing. @default 86400000, a day */
    readonly deadlineMs?: number;
  };
  /** `process`: every attempt runs in its own process. @default "none" */
  readonly isolation?: "none" | "process";
}

interface WithWork<Work> {
  /**
   * `true`: the work starts an external process and returns `observed()`; then the process posts status messages.
   *
   * @default false
   */
  readonly external?: boolean;
  readonly work: Work;
}

/** An operation of an external process that finds it by itself, and claims it or posts status messages. */
interface WithoutWork {
  readonly external: true;
  readonly work?: undefined;
}

/** The declaration of one kind of operation. */
export type OperationDeclaration<Work> = OperationOptions & (WithWork<Work> | WithoutWork);

/** The declaration of an action. */
export type ActionDeclaration<Input, Work> = OperationDeclaration<Work> & {
  /** Schema of the input that the client sends with the action. @default no input */
  readonly input?: Input;
};

/** The work of a delete. Its return value is ignored. */
export type DeleteWork<Configuration, Details, Messages, Children = {}> = (
  context: WorkContext<Configuration, Details, undefined, Messages, Children>,
) => unknown;

/** Operations with the same key take turns: a limited number of them is claimed at a time, over all workers. */
export interface Turns<Configuration> {
  /**
   * Returns the key of an operation: a text of at most 200 characters. Called when the operation begins, with its target
   * configuration and the owner of the resource, which is empty without authentication.
   */
  readonly per: TurnOf<Configuration>;
  /** Maximum number of claimed operations with the same key. */
  readonly limit: number;
  /** Maximum number of operations of the type that one worker runs at once. @default 100 */
  readonly perWorker?: number;
}

/** The declaration of a resource type. See `defineResource`. */
export interface ResourceDeclaration<
  Name extends string,
  Configuration extends Schema,
  Details extends Schema,
  Ready extends string,
  Actions extends object,
  Messages extends MessageSchemas,
  Path extends string = string,
  Redact extends string = string,
  Children extends ChildTypes = ChildTypes,
> {
  /** Name in lower-case words joined by hyphens: `virtual-machine`. */
  readonly name: Name;
  /**
   * Path segment of the collection, and in camel case its name in the typed client.
   *
   * @default the plural of the name: `virtual-machines`
   */
  readonly path?: Path;
  /** Sentence about the type, for the OpenAPI document and for agents. */
  readonly description?: string;
  /** Options for agents, which call tools over the Model Context Protocol. `false`: agents do not see the type. */
  readonly mcp?: false | AgentOptions;
  /** Schema of the configuration that the client requests. */
  readonly configuration: Configuration;
  /**
   * Configuration fields that work can read and clients never see: passwords, keys. A nested field has dots between the
   * names, such as `database.password`; the path continues through lists, to the field of each item. Representations,
   * lists, events and errors leave the fields out. A PATCH without them keeps them, and a PATCH with them always counts
   * as a change.
   *
   * @default none
   */
  readonly redact?: readonly Redact[];
  /**
   * Schema of the details that work finds out: an object whose fields become top-level fields of the representation.
   */
  readonly details: Details;
  readonly statuses: Statuses<Ready>;
  readonly create: OperationDeclaration<
    WorkFunction<
      NoInfer<Configuration>,
      NoInfer<Details>,
      undefined,
      NoInfer<Messages>,
      NoInfer<Ready>,
      NoInfer<Children>
    >
  >;
  /** Update by PUT and PATCH. @default none: PUT and PATCH of an existing resource return 405 */
  readonly update?: OperationDeclaration<
    WorkFunction<
      NoInfer<Configuration>,
      NoInfer<Details>,
      undefined,
      NoInfer<Messages>,
      NoInfer<Ready>,
      NoInfer<Children>
    >
  >;
  /** Work of DELETE. @default none: DELETE removes the resource at once */
  readonly delete?: OperationDeclaration<
    DeleteWork<NoInfer<Configuration>, NoInfer<Details>, NoInfer<Messages>, NoInfer<Children>>
  >;
  /** Actions by name, each called by `POST /{id}/{action}`. */
  readonly actions?: {
    readonly [Action in keyof Actions]: ActionDeclaration<
      Actions[Action],
      WorkFunction<
        NoInfer<Configuration>,
        NoInfer<Details>,
        Actions[Action],
        NoInfer<Messages>,
        NoInfer<Ready>,
        NoInfer<Children>
      >
    >;
  };
  /**
   * Types of the resources that work creates with `child`, by a name. A function that returns the type allows a type that
   * is declared later, or the type itself.
   */
  readonly children?: Children;
  /** Effects of a cancel and of a delete on children. @default both remove them */
  readonly cascade?: CascadeOptions;
  readonly childLimits?: ChildLimits;
  /** Schemas of the messages that work waits for with `receive(name)`, by name. Clients post them to `/{id}/{name}`. */
  readonly receives?: Messages;
  /**
   * Queries a background process that runs elsewhere: on every GET, and every few seconds while an operation is in
   * progress. The result is stored before it is shown. Without a result within two seconds, the stored state is shown.
   * The function must have no side effects; servers may call it concurrently.
   */
  readonly observe?: Observe<SchemaOutput<NoInfer<Configuration>>, SchemaOutput<NoInfer<Details>>>;
  /**
   * Requests the latest progress from the worker on every GET, for at most 250 ms. Otherwise progress is up to half a
   * second old.
   *
   * @default false
   */
  readonly liveStatus?: boolean;
  /** Migrates a stored configuration and details of an older shape to the present one, whenever they are read. */
  readonly migrate?: (stored: { readonly configuration: unknown; readonly details: unknown }) => {
    readonly configuration: SchemaInput<NoInfer<Configuration>>;
    readonly details: unknown;
  };
  /** Format of the representation. */
  readonly representation?: {
    /** Adds `createdAt` and `updatedAt`. @default false */
    readonly timestamps?: boolean;
    /** Format of the progress. @default "percent" */
    readonly progress?: "percent" | "fraction";
    /** Format of the remaining time. @default "text" */
    readonly time?: "text" | "iso8601" | "seconds";
    /** Adds `attempt` and `observedAt`. @default false */
    readonly liveness?: boolean;
    /** Adds `queuePosition` while an operation waits for its turn (`concurrency.per`). @default false */
    readonly queuePosition?: boolean;
  };
  /**
   * Lets clients attach `metadata` to each resource: up to 16 pairs of strings, which lists can filter by. Details must
   * not have a field of this name.
   *
   * @default false
   */
  readonly metadata?: boolean;
  /**
   * Lets lists of the type be filtered by `updatedAfter`. Each visible change of a resource then costs the store one more
   * row. Changes from before all nodes declare the option are not found.
   *
   * @default false
   */
  readonly updatedAfter?: boolean;
  /** Retention times of resources. Adds `expiresAt` to settled ones; details must not have a field of this name. */
  readonly retention?: {
    /** Time after which a settled resource is deleted, as a client would delete it. */
    readonly settledMs: number;
  };
  /**
   * Maximum number of operations of the type that one worker runs at once, or limits per key over all workers.
   *
   * @default 100
   */
  readonly concurrency?: number | Turns<SchemaOutput<NoInfer<Configuration>>>;
  /** Maximum number of resources in progress; above it, requests are rejected with 429. @default no limit */
  readonly maxInProgress?: number;
  /**
   * Maximum size of the records, received messages and details of one operation, in characters of JSON.
   *
   * @default 1048576
   */
  readonly maxBytes?: number;
}
