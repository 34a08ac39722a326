import type { ChangeResult } from "../change.ts";
import type { JsonText } from "../json/json.ts";
import { kindPolicyOf, type TypePolicy } from "../policy.ts";
import type { Resource } from "../resource.ts";
import { newDeleteOperation } from "./new-operation.ts";

export interface Removal {
  /** The id of the delete operation. It identifies a repeated request. */
  readonly id: string;
  readonly at: number;
  readonly policy: TypePolicy;
  readonly principal: JsonText | null;
  readonly traceparent: string | null;
}

/** Deletes a settled resource of a type without delete work: the row becomes a tombstone at once. */
export function createTombstone(
  resource: Resource,
  { policy, ...removal }: Removal,
): ChangeResult & { readonly resource: Resource } {
  const kind = kindPolicyOf(policy, "delete");
  const operation = newDeleteOperation(resource, { ...removal, policy: kind, turn: null });
  const { id, at } = removal;
  return {
    outcome: "applied",
    resource: {
      ...resource,
      metadata: null,
      error: null,
      operation: { ...operation, state: "succeeded", settledAt: at, dueAt: null },
      deletedAt: at,
    },
    history: [{ at, event: "deleted", operation: id, kind: "delete", attempt: 0 }],
  };
}
