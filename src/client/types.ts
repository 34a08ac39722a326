import type { Redacted } from "../core/definition/redacted.ts";
import type { ResourceSpec, ResourceType } from "../core/definition/resource-type.ts";
import type { SchemaInput, SchemaOutput } from "../core/json/schema.ts";
import type { FollowedState, ResourceError } from "./following/state.ts";

/** What `createApp` returns, as far as the client reads it: the resource types, in types alone. */
export interface TypedApp {
  readonly "~types"?: readonly ResourceType[];
}

/** The specs of an app's resource types. */
export type SpecOf<App extends TypedApp> = NonNullable<NonNullable<App["~types"]>[number]["~spec"]>;

/** Written out in full, so that an editor shows fields and not how they came about. */
type Flat<T> = T extends unknown ? { [Field in keyof T]: T[Field] } : never;

interface CommonFields<Spec extends ResourceSpec> {
  readonly id: string;
  /** The target while in progress, else the configuration of the last success. */
  readonly configuration: ConfigurationOutput<Spec>;
  /** Where the type shows `timestamps`. */
  readonly createdAt?: string;
  readonly updatedAt?: string;
}

/** What a client sees of a configuration: not what its type redacts. */
type ConfigurationOutput<Spec extends ResourceSpec> = Redacted<
  SchemaOutput<Spec["configuration"]>,
  NonNullable<Spec["redact"]>
>;

type DetailsOf<Spec extends ResourceSpec> = Readonly<SchemaOutput<Spec["details"]>>;

/** A label known from the declaration, or any other one: in progress, failed and cancelled labels are texts. */
type Label<Spec extends ResourceSpec> = Spec["ready"] | (string & {});

export type InProgressState<Spec extends ResourceSpec> = Flat<
  FollowedState &
    CommonFields<Spec> &
    Partial<DetailsOf<Spec>> & {
      readonly settled: false;
      readonly succeeded: false;
      readonly status: Label<Spec>;
      /** "50%", or 0.5, as the type has it; absent before work reported any. */
      readonly progress?: string | number;
      /** "15 minutes", "PT15M" or 900 seconds, as the type has it; absent while not known. */
      readonly estimatedTimeRemaining?: string | number;
      readonly error?: undefined;
      /** Where the type shows `liveness`. */
      readonly attempt?: number;
      readonly observedAt?: string;
    }
>;

export type SucceededState<Spec extends ResourceSpec> = Flat<
  FollowedState &
    CommonFields<Spec> &
    DetailsOf<Spec> & {
      readonly settled: true;
      readonly succeeded: true;
      readonly status: Spec["ready"];
      readonly progress?: undefined;
      readonly estimatedTimeRemaining?: undefined;
      readonly error?: undefined;
    }
>;

/** Failed or cancelled. After anything but a create it shows what was before, so that details may be there. */
export type FailedState<Spec extends ResourceSpec> = Flat<
  FollowedState &
    CommonFields<Spec> &
    Partial<DetailsOf<Spec>> & {
      readonly settled: true;
      readonly succeeded: false;
      readonly status: Label<Spec>;
      readonly progress?: undefined;
      readonly estimatedTimeRemaining?: undefined;
      readonly error: ResourceError;
    }
>;

/** A representation, and whether it is settled and succeeded: `if (state.succeeded)` makes the details whole. */
export type ResourceState<Spec extends ResourceSpec> = InProgressState<Spec> | SucceededState<Spec> | FailedState<Spec>;

/** An item of a list: a representation, which does not say whether it is in progress. */
export type ListedResource<Spec extends ResourceSpec> = Flat<
  CommonFields<Spec> &
    Partial<DetailsOf<Spec>> & {
      readonly status: Label<Spec>;
      readonly progress?: string | number;
      readonly estimatedTimeRemaining?: string | number;
      readonly error?: ResourceError;
    }
>;

/** What a client sends as configuration: what the schema takes, defaults left out at will. */
export type ConfigurationInput<Spec extends ResourceSpec> = SchemaInput<Spec["configuration"]>;

/** A merge patch: only the fields to change, null for an optional one to remove. @see https://www.rfc-editor.org/rfc/rfc7396 */
export type MergePatch<T> = T extends readonly unknown[]
  ? T
  : T extends object
    ? { readonly [Field in keyof T]?: MergePatch<Exclude<T[Field], undefined>> | Removal<T, Field> }
    : T;

type Removal<T, Field extends keyof T> = {} extends Pick<T, Field> ? null : never;

/** Of a type that is not known at compile time any name goes, with any value. */
type Names<Spec extends ResourceSpec, Declared> = string extends Spec["name"] ? string : keyof Declared & string;

export type ActionName<Spec extends ResourceSpec> = Names<Spec, Spec["actions"]>;
export type MessageName<Spec extends ResourceSpec> = Names<Spec, Spec["messages"]>;

type InputOf<Declared, Name> = Name extends keyof Declared ? SchemaInput<Declared[Name]> : unknown;

/** The parameters after the name of an action: its input, where it takes one, and options. */
export type ActionParameters<Spec extends ResourceSpec, Name extends ActionName<Spec>, Options> =
  undefined extends InputOf<Spec["actions"], Name>
    ? [input?: InputOf<Spec["actions"], Name>, options?: Options]
    : [input: InputOf<Spec["actions"], Name>, options?: Options];

export type MessageValue<Spec extends ResourceSpec, Name extends MessageName<Spec>> = InputOf<Spec["messages"], Name>;
