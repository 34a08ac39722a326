import type { Resource } from "../../core/resource.ts";
import type { HttpRequest } from "../http/exchange.ts";
import { Refusal } from "../http/problems.ts";
import { editTag, type Representation } from "../representation/representation.ts";
import { checkCount } from "./list-header.ts";

/**
 * The entity tags of a conditional header. A tag is `"<edit>-<shown>.<time>.<position>"`: `edit` identifies the
 * creation and its edit version, `shown` the representation without the rest, `time` the time remaining, if there is one,
 * and `position` the position in a queue, if there is one.
 */
export interface TagList {
  /** True for `*`, which matches any representation. */
  readonly any: boolean;
  /** The tags as the server sent them, without quotes and without the changes of proxies. */
  readonly tags: readonly string[];
}

const TAG = /(?:W\/)?"([\x21\x23-\x7e\x80-\xff]*)"[ \t]*(?:,[ \t]*)*/y;

/** The suffix that a compressing proxy adds to a tag, such as `-gzip` by Apache and Caddy, and `--gzip` by Jetty. */
const CODING_SUFFIX = /(?:-{1,2}|;)(?:br|bzip2|compress|deflate|gz|gzip|zstd)$/;

/**
 * Reads `If-Match` or `If-None-Match`. A compressing proxy makes a tag weak or adds a suffix to it; both are undone
 * here. That is safe for `If-Match` too, although HTTP demands strong tags there: only the edit part is compared, which
 * never identifies bytes.
 *
 * @throws Refusal `invalid-header` if it is malformed or has too many tags
 * @see https://www.rfc-editor.org/rfc/rfc9110#section-13.1
 */
export function parseEntityTags(header: string | undefined, name: string): TagList | undefined {
  if (header === undefined) return undefined;
  if (header.trim() === "*") return { any: true, tags: [] };
  const tags: string[] = [];
  const from = /^[ \t,]*/.exec(header)?.[0].length ?? 0;
  for (TAG.lastIndex = from; TAG.lastIndex < header.length;) {
    const match = TAG.exec(header);
    if (match === null) throw malformed(name);
    tags.push(withoutCodingSuffix(match[1] ?? ""));
    checkCount(tags.length, name);
  }
  if (tags.length === 0) throw malformed(name);
  return { any: false, tags };
}

function malformed(name: string): Refusal {
  return new Refusal(
    "invalid-header",
    `${name} is malformed; send entity tags in double quotes as the server sent them, or *.`,
  );
}

/** Returns a tag without the suffix of a compressing proxy. The server's own tags never end like one. */
export function withoutCodingSuffix(opaque: string): string {
  return opaque.replace(CODING_SUFFIX, "");
}

/**
 * Returns the edit part of a tag. `If-Match` compares only this part, so that progress never turns an edit into a 412.
 */
export function editOf(opaque: string): string {
  const end = opaque.lastIndexOf("-");
  return end === -1 ? opaque : opaque.slice(0, end);
}

/** Returns a tag without its time remaining and position. A long poll waits until this part changes. */
export function stateOf(opaque: string): string {
  const end = opaque.indexOf(".", editOf(opaque).length);
  return end === -1 ? opaque : opaque.slice(0, end);
}

/** True if `If-Match` matches this edit. */
export function matchesEdit({ any, tags }: TagList, edit: string): boolean {
  return any || tags.some((tag) => editOf(tag) === edit);
}

/** True if `If-None-Match` lists this tag. */
export function matchesTag({ any, tags }: TagList, opaque: string): boolean {
  return any || tags.includes(opaque);
}

/** Returns the position in a queue that a tag contains; undefined if it contains none. */
export function positionOf(opaque: string): string | undefined {
  return opaque.slice(stateOf(opaque).length).split(".", 3)[2];
}

/**
 * Returns the listed tag that equals `opaque`, or else one that differs only in the time remaining and the position.
 *
 * @param comparesPosition true if the position must be equal too
 */
export function findState({ any, tags }: TagList, opaque: string, comparesPosition = false): string | undefined {
  if (any) return opaque;
  const state = stateOf(opaque);
  const isEqual = (tag: string): boolean =>
    stateOf(tag) === state && (!comparesPosition || positionOf(tag) === positionOf(opaque));
  return tags.includes(opaque) ? opaque : tags.find(isEqual);
}

/** The preconditions of a write. */
export interface Preconditions {
  readonly match: TagList | undefined;
  readonly noneMatch: TagList | undefined;
}

/** Reads the preconditions of a write. @throws Refusal `invalid-header` */
export function readPreconditions(request: HttpRequest): Preconditions {
  return {
    match: parseEntityTags(request.header("if-match"), "If-Match"),
    noneMatch: parseEntityTags(request.header("if-none-match"), "If-None-Match"),
  };
}

/**
 * Checks the preconditions of a write. `If-Match` compares only the edit.
 *
 * @param render returns the current representation; called only if it is compared
 * @throws Refusal `precondition-failed`
 * @see https://www.rfc-editor.org/rfc/rfc9110#section-13.2.2
 */
export function checkPreconditions(
  { match, noneMatch }: Preconditions,
  resource: Resource | undefined,
  render: (resource: Resource) => Representation,
): void {
  if (match !== undefined && (resource === undefined || !matchesEdit(match, editTag(resource)))) {
    throw preconditionFailed(
      "If-Match does not match the current state of the resource. Read the resource again and repeat the change.",
    );
  }
  if (
    noneMatch !== undefined &&
    resource !== undefined &&
    matchesTag(noneMatch, noneMatch.any ? "" : render(resource).tag)
  ) {
    throw preconditionFailed("If-None-Match matches the existing resource.");
  }
}

function preconditionFailed(detail: string): Refusal {
  return new Refusal("precondition-failed", detail);
}

/** Requires `If-Match` if the app does. @throws Refusal `precondition-required` */
export function requireIfMatch({ match }: Preconditions, isRequired: boolean): void {
  if (!isRequired || match !== undefined) return;
  throw new Refusal("precondition-required", "If-Match is required. Send it with the ETag of the state to change.");
}
