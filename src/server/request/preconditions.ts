import type { Resource } from "../../core/resource.ts";
import type { HttpRequest } from "../http/exchange.ts";
import { Refusal } from "../http/problems.ts";
import { editTag, type Shown } from "../representation/representation.ts";
import { isEditListed, isListed, parseTags, type TagList } from "./conditional.ts";

/** What a write demands of the resource it changes. */
export interface Preconditions {
  readonly match: TagList | undefined;
  readonly noneMatch: TagList | undefined;
}

/** @throws Refusal `invalid-header` */
export function readPreconditions(request: HttpRequest): Preconditions {
  return {
    match: parseTags(request.header("if-match"), "If-Match"),
    noneMatch: parseTags(request.header("if-none-match"), "If-None-Match"),
  };
}

/**
 * Checks what a write demands. `If-Match` compares the edit alone.
 *
 * @param shown gives the present representation; called only where it is compared
 * @throws Refusal `precondition-failed`
 * @see https://www.rfc-editor.org/rfc/rfc9110#section-13.2.2
 */
export function checkPreconditions(
  { match, noneMatch }: Preconditions,
  resource: Resource | undefined,
  shown: (resource: Resource) => Shown,
): void {
  if (match !== undefined && (resource === undefined || !isEditListed(match, editTag(resource)))) {
    throw failed("If-Match names another state of the resource than the present one; read it again.");
  }
  if (
    noneMatch !== undefined &&
    resource !== undefined &&
    isListed(noneMatch, noneMatch.any ? "" : shown(resource).tag)
  ) {
    throw failed("If-None-Match names what is there already.");
  }
}

function failed(detail: string): Refusal {
  return new Refusal("precondition-failed", detail);
}

/** @throws Refusal `precondition-required` */
export function requireMatch({ match }: Preconditions, isRequired: boolean): void {
  if (!isRequired || match !== undefined) return;
  throw new Refusal("precondition-required", "Send If-Match with the ETag of the state that this is to change.");
}
