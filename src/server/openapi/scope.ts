import type { ResourceType } from "../../core/definition/resource-type.ts";
import type { ServerOptions } from "../options.ts";
import type { TypeExamples } from "./examples.ts";
import type { Components } from "./schemas/components.ts";
import type { Words } from "./words.ts";

/** What the parts of the document that describe one resource type are made from. */
export interface Scope {
  readonly type: ResourceType;
  readonly words: Words;
  readonly options: ServerOptions;
  readonly components: Components;
  readonly examples: TypeExamples;
  /** Makes an operationId that stands once in the document. `role` tells what of one type would be called the same. */
  readonly operationId: (preferred: string, role?: string) => string;
}
