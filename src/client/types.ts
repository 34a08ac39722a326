import type { Redacted } from "../core/definition/redacted.ts";
import type { ResourceSpec } from "../core/definition/resource-type.ts";
import type { SchemaInput, SchemaOutput } from "../core/json/schema.ts";
import type { FollowedState, ResourceError } from "./following/state.ts";

/**
 * The part of an app that the client reads: the specs of its resource types, in types alone. It requires nothing else,
 * so that the app may be one of another copy or version of the package.
 */
export interface TypedApp {
  readonly "~types"?: readonly { readonly "~spec"?: ResourceSpec }[];
}

/** The specs of an app's resource types. */
export type SpecOf<App extends TypedApp> = NonNullable<NonNullable<App["~types"]>[number]["~spec"]>;

/** Flattens an intersection, so that an editor shows its fields. */
type Flat<T> = T extends unknown ? { [Field in keyof T]: T[Field] } : never;

interface CommonFields<Spec extends ResourceSpec> {
  readonly id: string;
  /** The requested configuration while in progress, else the configuration of the last success. */
  readonly configuration: ConfigurationOutput<Spec>;
  /** Present if the type shows `timestamps`. */
  readonly createdAt?: string;
  readonly updatedAt?: string;
  /** Links to the parent, and to the lists of children; present if there are any. */
  readonly _links?: { readonly [name: string]: { readonly href: string; readonly name?: string } };
}

/** Fields of the types that declare `metadata` and `retention`. Details of other types may have the same names. */
type OptionalFields<Spec extends ResourceSpec> = Omit<
  {
    /** Pairs that clients attached. */
    readonly metadata?: Readonly<Record<string, string>>;
    /** Instant from which a settled resource is deleted. */
    readonly expiresAt?: string;
  },
  keyof SchemaOutput<Spec["details"]>
>;

/** The configuration without the fields that its type redacts. */
type ConfigurationOutput<Spec extends ResourceSpec> = Redacted<
  SchemaOutput<Spec["configuration"]>,
  NonNullable<Spec["redact"]>
>;

type DetailsOf<Spec extends ResourceSpec> = Readonly<SchemaOutput<Spec["details"]>>;

/** A declared label, or any other string: labels of operations in progress, failed and cancelled are free text. */
type Label<Spec extends ResourceSpec> = Spec["ready"] | (string & {});

/** The state of a resource while an operation is in progress. */
export type InProgressState<Spec extends ResourceSpec> = Flat<
  FollowedState &
    CommonFields<Spec> &
    OptionalFields<Spec> &
    Partial<DetailsOf<Spec>> & {
      readonly settled: false;
      readonly succeeded: false;
      readonly status: Label<Spec>;
      /** "50%" or 0.5, depending on the type. Absent before work reported progress. */
      readonly progress?: string | number;
      /** "15 minutes", "PT15M" or 900 seconds, depending on the type. Absent while unknown. */
      readonly estimatedTimeRemaining?: string | number;
      readonly error?: undefined;
      /** Position among operations with the same turn. Present while it waits, if the type shows it. */
      readonly queuePosition?: number;
      /** Present if the type shows `liveness`. */
      readonly attempt?: number;
      readonly observedAt?: string;
    }
>;

/** The state of a resource whose last operation succeeded. */
export type SucceededState<Spec extends ResourceSpec> = Flat<
  FollowedState &
    CommonFields<Spec> &
    OptionalFields<Spec> &
    DetailsOf<Spec> & {
      readonly settled: true;
      readonly succeeded: true;
      readonly status: Spec["ready"];
      readonly progress?: undefined;
      readonly estimatedTimeRemaining?: undefined;
      readonly error?: undefined;
    }
>;

/** The state after a failure or a cancellation. Unless the create failed, it shows the details of the last success. */
export type FailedState<Spec extends ResourceSpec> = Flat<
  FollowedState &
    CommonFields<Spec> &
    OptionalFields<Spec> &
    Partial<DetailsOf<Spec>> & {
      readonly settled: true;
      readonly succeeded: false;
      readonly status: Label<Spec>;
      readonly progress?: undefined;
      readonly estimatedTimeRemaining?: undefined;
      readonly error: ResourceError;
    }
>;

/** A representation with `settled` and `succeeded`. After `if (state.succeeded)` all details are present. */
export type ResourceState<Spec extends ResourceSpec> = InProgressState<Spec> | SucceededState<Spec> | FailedState<Spec>;

/** An item of a list: a representation without `settled` and `succeeded`. */
export type ListedResource<Spec extends ResourceSpec> = Flat<
  CommonFields<Spec> &
    OptionalFields<Spec> &
    Partial<DetailsOf<Spec>> & {
      readonly status: Label<Spec>;
      readonly progress?: string | number;
      readonly estimatedTimeRemaining?: string | number;
      readonly error?: ResourceError;
    }
>;

/** The configuration that a client sends: the schema's input, in which fields with a default are optional. */
export type ConfigurationInput<Spec extends ResourceSpec> = SchemaInput<Spec["configuration"]>;

/**
 * A merge patch: the fields to change, and null for an optional field to remove. @see
 * https://www.rfc-editor.org/rfc/rfc7396
 */
export type MergePatch<T> = T extends readonly unknown[]
  ? T
  : T extends object
    ? { readonly [Field in keyof T]?: MergePatch<Exclude<T[Field], undefined>> | Removal<T, Field> }
    : T;

type Removal<T, Field extends keyof T> = {} extends Pick<T, Field> ? null : never;

type InputOf<Declared, Name> = Name extends keyof Declared ? SchemaInput<Declared[Name]> : unknown;

/** The parameters of one action: its name, its input, if it has one, and options. */
type ActionCall<Name, Input, Options> = undefined extends Input
  ? [name: Name, input?: Input, options?: Options]
  : [name: Name, input: Input, options?: Options];

/**
 * The parameters of every action of a type, as a union. A generic method would tell less to the compiler: two copies of
 * the package could not be compared.
 */
export type ActionParameters<Spec extends ResourceSpec, Options> = string extends Spec["name"]
  ? ActionCall<string, unknown, Options>
  : {
      [Name in keyof Spec["actions"] & string]: ActionCall<Name, InputOf<Spec["actions"], Name>, Options>;
    }[keyof Spec["actions"] & string];

/** The parameters of every message of a type, as a union. */
export type MessageParameters<Spec extends ResourceSpec, Options> = string extends Spec["name"]
  ? [name: string, value: unknown, options?: Options]
  : {
      [Name in keyof Spec["messages"] & string]: [
        name: Name,
        value: InputOf<Spec["messages"], Name>,
        options?: Options,
      ];
    }[keyof Spec["messages"] & string];
