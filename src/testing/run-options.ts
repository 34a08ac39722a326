import type { ResourceSpec } from "../core/definition/resource-type.ts";
import type { SchemaInput, SchemaOutput } from "../core/json/schema.ts";
import type { VirtualClock } from "./virtual-clock.ts";

/** A message that the resource receives while its work runs. */
export interface TestedMessage {
  readonly name: string;
  readonly value: unknown;
  /** How long after the start, on the virtual clock. @default 0 */
  readonly afterMs?: number;
}

export interface RunOptions<Spec extends ResourceSpec> {
  /** What the client asks for: checked by the type's schema, as a server does. */
  readonly configuration: SchemaInput<Spec["configuration"]>;
  /** `create`, `update`, `delete` or an action's name. @default "create" */
  readonly kind?: string;
  /** What the client sends with an action. */
  readonly input?: unknown;
  /** What the resource is before anything but a create. @default the same configuration, and no details */
  readonly before?: {
    readonly configuration?: SchemaInput<Spec["configuration"]>;
    readonly details?: SchemaOutput<Spec["details"]>;
  };
  /** @default none */
  readonly messages?: readonly TestedMessage[];
  /** Asks to cancel, so long after the start. @default never */
  readonly cancelAfterMs?: number;
  /** The process that runs the work is killed right after this commit, 1 for the first, and another goes on. @default never */
  readonly crashAfter?: number;
  /** Give one that fakes live on too. @default a new one */
  readonly clock?: VirtualClock;
}
