import type { JsonSchema, Schema, SchemaDocument } from "../json/schema.ts";
import type { TypePolicy, OperationPolicy } from "../policy.ts";
import type { MessageSchemas, WorkContext } from "../work.ts";

/** What the types of a declaration say, for the typed client. Never there at run time. */
export interface ResourceSpec {
  readonly name: string;
  readonly path: string;
  readonly configuration: Schema;
  readonly details: Schema;
  /** The ready labels. */
  readonly ready: string;
  /** The input schema of each action; anything else than a schema for one without. */
  readonly actions: object;
  readonly messages: MessageSchemas;
  /** The fields of the configuration that clients do not see. */
  readonly redact?: string;
}

export interface DeclaredSchema extends SchemaDocument {
  readonly schema: Schema;
}

/** A work function once its types have been checked: what it is given and returns is validated at run time. */
export type ErasedWork = (context: WorkContext<Schema, Schema, Schema, MessageSchemas>) => unknown;

export interface DeclaredOperation {
  /** `create`, `update`, `delete`, or an action's name. */
  readonly kind: string;
  readonly policy: OperationPolicy;
  /** Of an action that takes one. */
  readonly input?: DeclaredSchema;
  /** Absent where outside processes do it. */
  readonly work?: ErasedWork;
}

/** How a resource is written for clients. */
export interface RepresentationOptions {
  /** Adds `createdAt` and `updatedAt`. @default false */
  readonly timestamps: boolean;
  /** `percent`: "50%"; `fraction`: 0.5. @default "percent" */
  readonly progress: "percent" | "fraction";
  /** `text`: "15 minutes"; `iso8601`: "PT15M"; `seconds`: 900. @default "text" */
  readonly time: "text" | "iso8601" | "seconds";
  /** Adds `attempt`, and `observedAt`, when the state shown was stored. @default false */
  readonly liveness: boolean;
}

/** What the background process says when it is asked. Of a settled resource `status` and `details` count. */
export interface Observation<Details = unknown> {
  /** From 0 to 1. Never goes back. */
  readonly progress?: number | undefined;
  /** The label to show: any but those of settled resources; of a success or a settled resource, a ready one. */
  readonly status?: string | undefined;
  /** Merged over the details that are shown. Of a success or a settled resource they then have to be as the schema says. */
  readonly details?: Partial<Details> | undefined;
  /** How the operation in progress ended. Left out: it goes on. */
  readonly outcome?: "succeeded" | "failed" | undefined;
  /** Of an outcome that failed: why, in words for the client. */
  readonly error?: ObservedError | undefined;
}

export interface ObservedError {
  /** Names the failure for programs, in lower-case words joined by hyphens. */
  readonly code: string;
  readonly message: string;
  /** Whether the same may succeed on another try. @default false */
  readonly retryable?: boolean | undefined;
}

/** The resource about which `observe` is asked. */
export interface ObservedResource<Configuration = unknown, Details = unknown> {
  readonly id: string;
  /** While an operation is in progress, its target. */
  readonly configuration: Configuration;
  /** The details that are shown. In a create every field may be missing. */
  readonly details: Details;
  readonly status: string;
  /** The kind of the operation in progress: `create`, `update`, `delete`, an action's name. Undefined of a settled resource. */
  readonly kind: string | undefined;
  /** Aborted after two seconds, when nobody waits for the answer any more. */
  readonly signal: AbortSignal;
}

type Observed<Details> = Observation<Details> | undefined | void;

export type Observe<Configuration = unknown, Details = unknown> = (
  resource: ObservedResource<Configuration, Details>,
) => Observed<Details> | Promise<Observed<Details>>;

export interface StoredShape {
  readonly configuration: unknown;
  readonly details: unknown;
}

/**
 * A resource type, declared by `defineResource`: pure data and functions. The same object serves the server, the worker and the
 * OpenAPI document.
 */
export interface ResourceType<Spec extends ResourceSpec = ResourceSpec> {
  /** @internal carries the types of the declaration */
  readonly "~spec"?: Spec;
  readonly name: Spec["name"];
  /** The collection's path segment, the plural of the name by default. */
  readonly path: Spec["path"];
  /** The name of its schema in the OpenAPI document. */
  readonly schemaName: string;
  readonly configuration: DeclaredSchema;
  readonly details: DeclaredSchema;
  readonly policy: TypePolicy;
  readonly operations: ReadonlyMap<string, DeclaredOperation>;
  readonly receives: ReadonlyMap<string, DeclaredSchema>;
  readonly representation: RepresentationOptions;
  readonly observe?: Observe;
  /** The server asks the worker for the latest progress on every GET. */
  readonly liveStatus: boolean;
  readonly migrate?: (stored: StoredShape) => StoredShape;
  /** How many operations of the type one worker runs at once. */
  readonly concurrency: number;
  /** How many resources may be in progress; more are refused with 429. */
  readonly maxInProgress?: number;
}

/** The property names that a schema's document declares, or none. */
export function propertyNames(document: JsonSchema): readonly string[] {
  const { properties } = document;
  return typeof properties === "object" && properties !== null ? Object.keys(properties) : [];
}
