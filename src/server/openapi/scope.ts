import type { ResourceType } from "../../core/definition/resource-type.ts";
import type { ServerOptions } from "../options.ts";
import type { TypeExamples } from "./examples/examples.ts";
import type { Components } from "./schemas/components.ts";
import type { Words } from "./words.ts";

/** Context for generating the parts of the document that describe one resource type. */
export interface Scope {
  readonly type: ResourceType;
  readonly words: Words;
  readonly options: ServerOptions;
  readonly components: Components;
  readonly examples: TypeExamples;
  /** Returns an operationId that is unique in the document. `role` distinguishes operations of one type with equal names. */
  readonly operationId: (preferred: string, role?: string) => string;
}
