import type { JsonSchema, Schema, SchemaDocument } from "../json/schema.ts";
import type { TypePolicy, OperationPolicy } from "../policy.ts";
import type { Principal } from "../principal.ts";
import type { ChildTypes, MessageSchemas, WorkContext } from "../work.ts";
import type { AgentOptions, ToolDeclaration } from "./agent-options.ts";
import type { DeclaredChildren } from "./declared-children.ts";

/** The static types of a declaration, for the typed client. No value of it exists at run time. */
export interface ResourceSpec {
  readonly name: string;
  readonly path: string;
  readonly configuration: Schema;
  readonly details: Schema;
  /** Union of the ready labels. */
  readonly ready: string;
  /** The input schema of each action; any other type for an action without input. */
  readonly actions: object;
  readonly messages: MessageSchemas;
  /** Names of the redacted fields of the configuration. */
  readonly redact?: string;
}

/** A schema with its JSON Schemas. */
export interface DeclaredSchema extends SchemaDocument {
  readonly schema: Schema;
}

/** A work function without its static types. Its parameter and its result are validated at run time. */
export type ErasedWork = (context: WorkContext<Schema, Schema, Schema, MessageSchemas, ChildTypes>) => unknown;

/** One kind of operation of a type, with its defaults filled in. */
export interface DeclaredOperation {
  /** `create`, `update`, `delete`, or an action's name. */
  readonly kind: string;
  readonly policy: OperationPolicy;
  readonly description?: string;
  /** Options of its tool for agents; false if they get none. */
  readonly mcp?: ToolDeclaration;
  /** Schema of the input of an action; undefined without input. */
  readonly input?: DeclaredSchema;
  /**
   * Undefined for an external operation. An {@link ErasedWork}: its parameter is not part of the type, so that types of
   * two copies of the package match.
   */
  readonly work?: (context: never) => unknown;
}

/** Format of the representation of a resource. */
export interface RepresentationOptions {
  /** Adds `createdAt` and `updatedAt`. @default false */
  readonly timestamps: boolean;
  /** Format of the progress. `percent`: "50%"; `fraction`: 0.5. @default "percent" */
  readonly progress: "percent" | "fraction";
  /** Format of the remaining time. `text`: "15 minutes"; `iso8601`: "PT15M"; `seconds`: 900. @default "text" */
  readonly time: "text" | "iso8601" | "seconds";
  /** Adds `attempt`, and `observedAt`: the instant at which the shown state was stored. @default false */
  readonly liveness: boolean;
  /** Adds `metadata`. @default false */
  readonly metadata: boolean;
  /** Adds `expiresAt` once settled. @default false */
  readonly expiry: boolean;
  /** Adds `queuePosition` while an operation waits for its turn. @default false */
  readonly queuePosition: boolean;
  /** Adds `_links`, to the parent and to the lists of children. Set by `createApp`. */
  readonly links: boolean;
}

/**
 * The result of `observe`: the state of the background process. For a settled resource, only `status` and `details`
 * count.
 */
export interface Observation<Details = unknown> {
  /** From 0 to 1. Never decreases. */
  readonly progress?: number | undefined;
  /** Label to show: any label except those of settled resources; for a success or a settled resource, a ready label. */
  readonly status?: string | undefined;
  /** Details to merge over those shown. For a success or a settled resource, the result must match the schema. */
  readonly details?: Partial<Details> | undefined;
  /** Outcome of the operation in progress. @default none: it continues */
  readonly outcome?: "succeeded" | "failed" | undefined;
  /** Reason of a failed outcome, for the client. */
  readonly error?: ObservedError | undefined;
}

/** The reason of an outcome that failed. */
export interface ObservedError {
  /** Code of the failure for programs: lower-case letters, digits and hyphens after a letter, at most 64 characters. */
  readonly code: string;
  readonly message: string;
  /** True if the operation may succeed when it is tried again. @default false */
  readonly retryable?: boolean | undefined;
}

/** The resource that `observe` is called for. */
export interface ObservedResource<Configuration = unknown, Details = unknown> {
  readonly id: string;
  /** The configuration; the target while an operation is in progress. */
  readonly configuration: Configuration;
  /** The details shown. In a create every field may be missing. */
  readonly details: Details;
  readonly status: string;
  /**
   * Kind of the operation in progress: `create`, `update`, `delete`, or an action's name. Undefined for a settled
   * resource.
   */
  readonly kind: string | undefined;
  /**
   * The operation in progress, or the latest one. Its id is that of `operation` in work, and new for each retry: use it to
   * find the process that the work has started.
   */
  readonly operation: { readonly id: string };
  /** Owner of the resource; undefined if it has none. */
  readonly owner: string | undefined;
  /** The principal who asked for the latest operation, as `authenticate` returned it; undefined without one. */
  readonly principal: Principal | undefined;
  /** Aborted after two seconds, when the result is no longer needed. */
  readonly signal: AbortSignal;
}

type Observed<Details> = Observation<Details> | undefined | void;

/** A function that queries a background process. Returns undefined if it knows nothing. */
export type Observe<Configuration = unknown, Details = unknown> = (
  resource: ObservedResource<Configuration, Details>,
) => Observed<Details> | Promise<Observed<Details>>;

/** The types of an app that are parents and children of a type. */
export interface FamilyLinks {
  /** Paths of the parent types, by name. */
  readonly parents: ReadonlyMap<string, string>;
  /** Paths of the child types, by the name that the declaration gives them. */
  readonly children: ReadonlyMap<string, string>;
}

/** A stored configuration and details, parsed. */
export interface StoredShape {
  readonly configuration: unknown;
  readonly details: unknown;
}

/**
 * A resource type, declared by `defineResource`: pure data and functions. The same object serves the server, the worker
 * and the OpenAPI document.
 */
export interface ResourceType<Spec extends ResourceSpec = ResourceSpec> {
  /** @internal holds the static types of the declaration */
  readonly "~spec"?: Spec;
  readonly name: Spec["name"];
  /** Path segment of the collection, by default the plural of the name. */
  readonly path: Spec["path"];
  /** Name of its schema in the OpenAPI document. */
  readonly schemaName: string;
  readonly description?: string;
  /** Options for agents; false if they do not see the type. */
  readonly mcp?: false | AgentOptions;
  readonly configuration: DeclaredSchema;
  readonly details: DeclaredSchema;
  readonly policy: TypePolicy;
  readonly operations: ReadonlyMap<string, DeclaredOperation>;
  readonly receives: ReadonlyMap<string, DeclaredSchema>;
  /** Only of a type whose work creates children. */
  readonly children?: DeclaredChildren;
  /** Only of a type with parents or children in its app, which `createApp` knows. */
  readonly links?: FamilyLinks;
  readonly representation: RepresentationOptions;
  readonly observe?: Observe;
  /** True if the server requests the latest progress from the worker on every GET. */
  readonly liveStatus: boolean;
  readonly migrate?: (stored: StoredShape) => StoredShape;
  /** Maximum number of operations of the type that one worker runs at once. */
  readonly concurrency: number;
  /** Computes the key under which an operation takes turns. */
  readonly turnOf?: TurnOf;
  /** Maximum number of resources in progress; above it, requests are rejected with 429. */
  readonly maxInProgress?: number;
  /** True for a type of the app itself, which only operators see: clients cannot create its resources. */
  readonly isInternal?: boolean;
  /** Time after which a settled resource is deleted. */
  readonly settledMs?: number;
}

/** Computes a key from the owner of a resource, empty without authentication, and from a configuration. */
export type TurnOf<Configuration = unknown> = (resource: {
  readonly owner: string;
  readonly configuration: Configuration;
}) => string;

/** Returns true if a schema describes objects without a field of this name, so that one can be sent beside the others. */
export function hasRoomFor(document: JsonSchema, name: string): boolean {
  const { type, additionalProperties = false } = document;
  return type === "object" && additionalProperties === false && !propertyNames(document).includes(name);
}

/** Returns true if the body of an action has room for a `deadline` beside the fields of its input. */
export function takesDeadline({ input }: Pick<DeclaredOperation, "input">): boolean {
  return input === undefined || hasRoomFor(input.input, "deadline");
}

/** Returns the names of the properties that a JSON Schema declares. */
export function propertyNames(document: JsonSchema): readonly string[] {
  const { properties } = document;
  return typeof properties === "object" && properties !== null ? Object.keys(properties) : [];
}
