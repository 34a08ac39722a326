import type { Resource } from "../../core/resource.ts";
import type { HttpRequest } from "../http/exchange.ts";
import { Refusal } from "../http/problems.ts";
import { editTag, type Representation } from "../representation/representation.ts";

/**
 * An entity tag, `"<edit>-<shown>.<time>"`: `edit` names the creation and its edit version, `shown` the bytes but for the time
 * remaining, `time` that text, where there is one.
 */
export interface TagList {
  /** `*`: any representation at all. */
  readonly any: boolean;
  /** What stands between the quotes. */
  readonly tags: readonly { readonly opaque: string; readonly weak: boolean }[];
}

const TAG = /(W\/)?"([\x21\x23-\x7e\x80-\xff]*)"[ \t]*(?:,[ \t]*)*/y;

/**
 * Reads `If-Match` or `If-None-Match`.
 *
 * @throws Refusal `invalid-header`
 * @see https://www.rfc-editor.org/rfc/rfc9110#section-13.1
 */
export function parseEntityTags(header: string | undefined, name: string): TagList | undefined {
  if (header === undefined) return undefined;
  if (header.trim() === "*") return { any: true, tags: [] };
  const tags: { opaque: string; weak: boolean }[] = [];
  const from = /^[ \t,]*/.exec(header)?.[0].length ?? 0;
  for (TAG.lastIndex = from; TAG.lastIndex < header.length;) {
    const match = TAG.exec(header);
    if (match === null) throw malformed(name);
    tags.push({ opaque: match[2] ?? "", weak: match[1] !== undefined });
  }
  if (tags.length === 0) throw malformed(name);
  return { any: false, tags };
}

function malformed(name: string): Refusal {
  return new Refusal("invalid-header", `${name}: give entity tags in double quotes as the server sent them, or *.`);
}

/** What `If-Match` compares: edits of a resource, so that mere progress never turns an edit into a 412. */
export function editOf(opaque: string): string {
  const end = opaque.lastIndexOf("-");
  return end === -1 ? opaque : opaque.slice(0, end);
}

/** What a held request waits to differ: all but the text of the time remaining. */
export function stateOf(opaque: string): string {
  const end = opaque.indexOf(".", editOf(opaque).length);
  return end === -1 ? opaque : opaque.slice(0, end);
}

/** Whether `If-Match` lets a write to this edit pass. Weak tags never do. */
export function matchesEdit({ any, tags }: TagList, edit: string): boolean {
  return any || tags.some(({ opaque, weak }) => !weak && editOf(opaque) === edit);
}

/** Whether `If-None-Match` names these bytes. */
export function matchesTag({ any, tags }: TagList, opaque: string): boolean {
  return any || tags.some((tag) => tag.opaque === opaque);
}

/** The listed tag that differs from `opaque` in nothing, or in the time remaining at most. */
export function findState({ any, tags }: TagList, opaque: string): string | undefined {
  if (any) return opaque;
  const state = stateOf(opaque);
  return tags.find((tag) => tag.opaque === opaque)?.opaque ?? tags.find((tag) => stateOf(tag.opaque) === state)?.opaque;
}

/** What a write demands of the resource it changes. */
export interface Preconditions {
  readonly match: TagList | undefined;
  readonly noneMatch: TagList | undefined;
}

/** @throws Refusal `invalid-header` */
export function readPreconditions(request: HttpRequest): Preconditions {
  return {
    match: parseEntityTags(request.header("if-match"), "If-Match"),
    noneMatch: parseEntityTags(request.header("if-none-match"), "If-None-Match"),
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
  shown: (resource: Resource) => Representation,
): void {
  if (match !== undefined && (resource === undefined || !matchesEdit(match, editTag(resource)))) {
    throw preconditionFailed("If-Match names another state of the resource than the present one; read it again.");
  }
  if (
    noneMatch !== undefined &&
    resource !== undefined &&
    matchesTag(noneMatch, noneMatch.any ? "" : shown(resource).tag)
  ) {
    throw preconditionFailed("If-None-Match names what is there already.");
  }
}

function preconditionFailed(detail: string): Refusal {
  return new Refusal("precondition-failed", detail);
}

/** @throws Refusal `precondition-required` */
export function requireIfMatch({ match }: Preconditions, isRequired: boolean): void {
  if (!isRequired || match !== undefined) return;
  throw new Refusal("precondition-required", "Send If-Match with the ETag of the state that this is to change.");
}
