import type { ResourceSpec } from "../core/definition/resource-type.ts";
import type { SchemaInput, SchemaOutput } from "../core/json/schema.ts";
import type { Principal } from "../core/principal.ts";
import type { VirtualClock } from "./virtual-clock.ts";

/** A message that the resource receives while its work runs. */
export interface TestedMessage {
  readonly name: string;
  readonly value: unknown;
  /** Time after the start in milliseconds, on the virtual clock. @default 0 */
  readonly afterMs?: number;
}

/** Replaces the children of one declared name: returns the details of a child, or throws its failure. */
export type ChildFake = (child: { readonly name: string; readonly configuration: unknown }) => unknown;

/** Fakes by the name that `children` of the type declares. */
export type ChildFakes = { readonly [declared: string]: ChildFake };

/** A request of a client, and the resource that it is for. */
export interface RequestOptions<Spec extends ResourceSpec> {
  /** The requested configuration, validated by the type's schema as on a server. */
  readonly configuration: SchemaInput<Spec["configuration"]>;
  /** The input of an action. */
  readonly input?: unknown;
  /** The resource before the operation, for any kind but `create`. @default the same configuration and no details */
  readonly before?: {
    /** Configuration of the resource. @default the requested one */
    readonly configuration?: SchemaInput<Spec["configuration"]>;
    /** Details of the resource. @default none */
    readonly details?: SchemaOutput<Spec["details"]>;
  };
  /** Owner of the resource. @default the owner of `principal` */
  readonly owner?: string;
  /** The principal of the request. @default none, as without authentication */
  readonly principal?: Principal;
  /** @default none */
  readonly messages?: readonly TestedMessage[];
  /** Replaces children. @default children are run to their end, by the work of their types */
  readonly children?: ChildFakes;
}

/** Options of {@link runResource}: the request, and the faults of the run. */
export interface RunOptions<Spec extends ResourceSpec> extends RequestOptions<Spec> {
  /** `create`, `update`, `delete` or an action's name. @default "create" */
  readonly kind?: string;
  /** Time after the start in milliseconds at which the operation is cancelled. @default never */
  readonly cancelAfterMs?: number;
  /** Number of the commit, from 1, right after which the process is killed; another process continues. @default never */
  readonly crashAfter?: number;
  /** The virtual clock, to share with fakes. @default a new one */
  readonly clock?: VirtualClock;
}
