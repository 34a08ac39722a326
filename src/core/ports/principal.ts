import { isJsonObject } from "../json/json.ts";

/** The authenticated sender of a request, or the principal that the app itself acts for. */
export interface Principal {
  /** The name of the principal: 1 to 1024 characters. */
  readonly id: string;
  /** Owner of the resources that the principal creates, so that a team can share them. @default the id */
  readonly owner?: string;
  /**
   * Allows everything that `authorize` does not reject: other owners' resources, messages, workers, metrics.
   * @default false
   */
  readonly operator?: boolean;
}

/** True for a valid principal. Undefined must not pass: internally it means full access. */
export function isPrincipal(principal: unknown): principal is Principal {
  if (!isJsonObject(principal)) return false;
  const { id, owner } = principal;
  return isStorableName(id) && (owner === undefined || isStorableName(owner));
}

const MAX_NAME_LENGTH = 1024;

/** True for texts that every store can keep and compare. */
function isStorableName(name: unknown): boolean {
  return (
    typeof name === "string" &&
    name !== "" &&
    name.length <= MAX_NAME_LENGTH &&
    !name.includes("\0") &&
    name.isWellFormed()
  );
}

/** Returns the owner of resources that a principal creates; undefined without authentication. */
export function ownerOf(principal: Principal | undefined): string | undefined {
  return principal === undefined ? undefined : (principal.owner ?? principal.id);
}
