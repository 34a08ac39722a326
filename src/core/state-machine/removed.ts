import type { ChangeResult } from "../change.ts";
import { kindPolicyOf, type TypePolicy } from "../policy.ts";
import type { Resource } from "../resource.ts";
import { newDelete } from "./new-operation.ts";

export interface Removal {
  /** The id of the delete operation, by which a repeated request is known again. */
  readonly id: string;
  readonly at: number;
  readonly policy: TypePolicy;
  readonly traceparent: string | null;
}

/** Deletes a settled resource of a type that declares no delete work: the row is a gravestone at once. */
export function removed(
  resource: Resource,
  { id, at, policy, traceparent: trace }: Removal,
): ChangeResult & { readonly resource: Resource } {
  const kind = kindPolicyOf(policy, "delete");
  const operation = newDelete(resource, { id, at, policy: kind, traceparent: trace });
  return {
    outcome: "applied",
    resource: {
      ...resource,
      error: null,
      operation: { ...operation, state: "succeeded", settledAt: at, dueAt: null },
      deletedAt: at,
    },
    history: [{ at, event: "deleted", operation: id, kind: "delete", attempt: 0 }],
  };
}
