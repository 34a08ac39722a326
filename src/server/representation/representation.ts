import { hash } from "node:crypto";
import { type BuiltInField, builtInFields, RESERVED_FIELDS } from "../../core/definition/representation-fields.ts";
import type { ResourceType } from "../../core/definition/resource-type.ts";
import { isJsonObject, type JsonText } from "../../core/json/json.ts";
import { redacted } from "../../core/json/redact.ts";
import { problemType } from "../../core/problem.ts";
import { type Resource, shownConfiguration, shownDetails } from "../../core/resource.ts";
import { remainingJson } from "../timing/duration-text.ts";
import { type Estimates, timingOf } from "../timing/retry-after.ts";
import { createLinks, type LinkOptions } from "./links.ts";

/** The representation of a resource at one moment. */
export interface Representation {
  readonly text: JsonText;
  /** The entity tag, without quotes. */
  readonly tag: string;
  /** `Retry-After` in seconds; defined if and only if an operation is in progress. */
  readonly retryAfter: number | undefined;
}

/** The fields to include; undefined for all. */
export type Fields = ReadonlySet<string> | undefined;

/** Dependencies of a renderer. */
export interface RendererParts {
  readonly estimates: Estimates;
  readonly options: { readonly problemTypes: string } & LinkOptions;
}

/**
 * Renders resources of one type. Configuration and details are stored as JSON texts. A representation concatenates
 * these texts, and parses details only if single fields are requested.
 */
export type Render = (resource: Resource, now: number, fields?: Fields) => Representation;

export function createRenderer(type: ResourceType, { estimates, options }: RendererParts): Render {
  const { problemTypes } = options;
  const writeLinks = createLinks(type, options);
  const names = builtInFields(type.representation);
  const time = names.indexOf("estimatedTimeRemaining");
  const details = names.indexOf("error") + 1;
  const reserved = names.filter((name) => !RESERVED_FIELDS.has(name));
  const writeBeforeTime = createWriter(names.slice(0, time), type, problemTypes);
  const writeAfterTime = createWriter(names.slice(time + 1, details), type, problemTypes);
  const writeAfterDetails = createWriter(names.slice(details), type, problemTypes);
  return (resource, now, fields) => {
    const { seconds: remaining, queuePosition, retryAfter } = timingOf(resource, estimates, now);
    const seconds = fields === undefined || fields.has("estimatedTimeRemaining") ? remaining : undefined;
    const isPlaced = type.representation.queuePosition && (fields === undefined || fields.has("queuePosition"));
    const place = isPlaced ? queuePosition : undefined;

    const before = writeBeforeTime(resource, fields);
    const after =
      writeAfterTime(resource, fields) +
      writeDetails(resource, fields, reserved) +
      writeAfterDetails(resource, fields) +
      (fields === undefined || fields.has("_links") ? writeLinks(resource) : "");
    const shown = hash("sha256", before + after, "hex").slice(0, TAG_LENGTH);
    const timeText =
      seconds === undefined ? "" : `,"estimatedTimeRemaining":${remainingJson(seconds, type.representation.time)}`;
    const placeText = place === undefined ? "" : `,"queuePosition":${place}`;
    return {
      text: `{${(before + timeText + placeText + after).slice(1)}}`,
      tag: `${editTag(resource)}-${shown}${momentTag(seconds, place)}`,
      retryAfter,
    };
  };
}

/** Returns a field with a comma before its name, or an empty text if the resource does not have it at the moment. */
type WriteField = (resource: Resource, type: ResourceType, problemTypes: string) => string;

const WRITERS: Readonly<Record<BuiltInField, WriteField>> = {
  id: ({ id }) => `,"id":${JSON.stringify(id)}`,
  status: ({ status }) => `,"status":${JSON.stringify(status)}`,
  configuration: (resource, type) => `,"configuration":${configurationText(type, resource)}`,
  progress: ({ operation: { progress, settledAt } }, { representation }) => {
    if (progress === null || settledAt !== null) return "";
    const percent = wholePercent(progress);
    return `,"progress":${representation.progress === "percent" ? `"${percent}%"` : String(percent / 100)}`;
  },
  // Written by the renderer itself, because the entity tag hashes all other fields.
  estimatedTimeRemaining: () => "",
  queuePosition: () => "",
  // Written by the renderer itself, which knows the paths.
  _links: () => "",
  error: ({ error }, _type, problemTypes) => {
    if (error === null) return "";
    const { code, title, detail, retryable } = error;
    return `,"error":${JSON.stringify({ type: problemType(code, problemTypes), title, detail, code, retryable })}`;
  },
  createdAt: ({ createdAt }) => `,"createdAt":"${isoInstant(createdAt)}"`,
  updatedAt: ({ updatedAt }) => `,"updatedAt":"${isoInstant(updatedAt)}"`,
  attempt: ({ operation: { attempt } }) => `,"attempt":${attempt}`,
  observedAt: ({ updatedAt }) => `,"observedAt":"${isoInstant(updatedAt)}"`,
  metadata: ({ metadata }) => `,"metadata":${metadata ?? "{}"}`,
  expiresAt: ({ operation: { settledAt } }, { settledMs = 0 }) =>
    settledAt === null ? "" : `,"expiresAt":"${isoInstant(settledAt + settledMs)}"`,
};

/** Creates a function that writes these fields, as far as they are requested. */
function createWriter(
  names: readonly BuiltInField[],
  type: ResourceType,
  problemTypes: string,
): (resource: Resource, fields: Fields) => string {
  const writers = names.map((name) => [name, WRITERS[name]] as const);
  return (resource, fields) => {
    let text = "";
    for (const [name, write] of writers) {
      if (fields === undefined || fields.has(name)) text += write(resource, type, problemTypes);
    }
    return text;
  };
}

/**
 * 96 bits: enough that no two states of a resource share them. Hexadecimal, so that the last hyphen of a tag ends its
 * edit part.
 */
const TAG_LENGTH = 24;

/** Returns the part of the entity tag for what changes without a change of the resource. */
function momentTag(seconds: number | undefined, place: number | undefined): string {
  const time = seconds === undefined ? "" : seconds.toString(36);
  return place === undefined ? time && `.${time}` : `.${time}.${place.toString(36)}`;
}

/** Returns the edit part of the entity tag: the creation and its edit version. */
export function editTag({ creation, edit }: Resource): string {
  return `${creation}.${edit}`;
}

function configurationText({ policy: { redact } }: ResourceType, resource: Resource): JsonText {
  const text = shownConfiguration(resource);
  return redact.length === 0 ? text : redacted(text, redact);
}

/**
 * Rounds progress down to whole percent, at most 99. The addend corrects products such as 0.29 * 100 =
 * 28.999999999999996.
 */
export function wholePercent(progress: number): number {
  return Math.min(99, Math.max(0, Math.floor(progress * 100 + 1e-9)));
}

function writeDetails(resource: Resource, fields: Fields, reserved: readonly string[]): string {
  const details = shownDetails(resource);
  // Open schemas allow details that no declaration names, and stored ones may be older than the option of the type.
  const hidden = reserved.filter((name) => details.includes(`"${name}"`));
  if (fields === undefined && hidden.length === 0) return innerText(details);
  return pickFields(details, (name) => fields?.has(name) !== false && !hidden.includes(name));
}

function isoInstant(at: number): string {
  return new Date(at).toISOString();
}

/** Returns the fields of an object's text, to insert them into another object. */
function innerText(details: JsonText): string {
  if (details === "{}") return "";
  const inside = details.trim().slice(1, -1).trim();
  return inside === "" ? "" : `,${inside}`;
}

function pickFields(details: JsonText, isShown: (name: string) => boolean): string {
  const parsed: unknown = JSON.parse(details);
  if (!isJsonObject(parsed)) return "";
  return Object.entries(parsed)
    .filter(([name]) => isShown(name))
    .map(([name, value]) => `,${JSON.stringify(name)}:${JSON.stringify(value)}`)
    .join("");
}
