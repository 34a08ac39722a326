import { hash } from "node:crypto";
import type { ResourceType } from "../../core/definition/resource-type.ts";
import { isJsonObject, type JsonText } from "../../core/json/json.ts";
import { redacted } from "../../core/json/redact.ts";
import { problemType } from "../../core/problem.ts";
import { type Resource, shownConfiguration, shownDetails } from "../../core/resource.ts";
import { remainingJson } from "../timing/duration-text.ts";
import { type Estimates, timingOf } from "../timing/retry-after.ts";

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

/**
 * Renders resources of one type. Configuration and details are stored as JSON texts. A representation concatenates these texts, and
 * parses details only if single fields are requested.
 */
export type Render = (resource: Resource, now: number, fields?: Fields) => Representation;

export function createRenderer(type: ResourceType, estimates: Estimates): Render {
  return (resource, now, fields) => {
    const { seconds: remaining, retryAfter } = timingOf(resource, estimates, now);
    const wants = (name: string): boolean => fields === undefined || fields.has(name);
    const seconds = wants("estimatedTimeRemaining") ? remaining : undefined;

    const before = fieldsBeforeTime(type, resource, wants);
    const after = fieldsAfterTime(type, resource, fields, wants);
    const time =
      seconds === undefined ? "" : `,"estimatedTimeRemaining":${remainingJson(seconds, type.representation.time)}`;
    const shown = hash("sha256", before + after, "hex").slice(0, TAG_LENGTH);
    return {
      text: `{${(before + time + after).slice(1)}}`,
      tag: `${editTag(resource)}-${shown}${seconds === undefined ? "" : `.${seconds.toString(36)}`}`,
      retryAfter,
    };
  };
}

/** 96 bits: enough that no two states of a resource share them. Hexadecimal, so that the last hyphen of a tag ends its edit part. */
const TAG_LENGTH = 24;

/** Returns the edit part of the entity tag: the creation and its edit version. */
export function editTag({ creation, edit }: Resource): string {
  return `${creation}.${edit}`;
}

function fieldsBeforeTime(type: ResourceType, resource: Resource, wants: (name: string) => boolean): string {
  const { progress, settledAt } = resource.operation;
  let text = "";
  if (wants("id")) text += `,"id":${JSON.stringify(resource.id)}`;
  if (wants("status")) text += `,"status":${JSON.stringify(resource.status)}`;
  if (wants("configuration")) text += `,"configuration":${configurationText(type, resource)}`;
  if (progress !== null && settledAt === null && wants("progress")) {
    const percent = wholePercent(progress);
    text += `,"progress":${type.representation.progress === "percent" ? `"${percent}%"` : String(percent / 100)}`;
  }
  return text;
}

function configurationText({ policy: { redact } }: ResourceType, resource: Resource): JsonText {
  const text = shownConfiguration(resource);
  return redact.length === 0 ? text : redacted(text, redact);
}

/** Rounds progress down to whole percent, at most 99. The addend corrects products such as 0.29 * 100 = 28.999999999999996. */
export function wholePercent(progress: number): number {
  return Math.min(99, Math.max(0, Math.floor(progress * 100 + 1e-9)));
}

function fieldsAfterTime(
  type: ResourceType,
  resource: Resource,
  fields: Fields,
  wants: (name: string) => boolean,
): string {
  const { representation } = type;
  let text = "";
  if (resource.error !== null && wants("error")) {
    const { code, title, detail, retryable } = resource.error;
    text += `,"error":${JSON.stringify({ type: problemType(code), title, detail, code, retryable })}`;
  }
  text += fields === undefined ? innerText(shownDetails(resource)) : pickFields(shownDetails(resource), fields);
  if (representation.timestamps) {
    if (wants("createdAt")) text += `,"createdAt":"${isoInstant(resource.createdAt)}"`;
    if (wants("updatedAt")) text += `,"updatedAt":"${isoInstant(resource.updatedAt)}"`;
  }
  if (representation.liveness) {
    if (wants("attempt")) text += `,"attempt":${resource.operation.attempt}`;
    if (wants("observedAt")) text += `,"observedAt":"${isoInstant(resource.updatedAt)}"`;
  }
  return text;
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

function pickFields(details: JsonText, fields: ReadonlySet<string>): string {
  const parsed: unknown = JSON.parse(details);
  if (!isJsonObject(parsed)) return "";
  return Object.entries(parsed)
    .filter(([name]) => fields.has(name))
    .map(([name, value]) => `,${JSON.stringify(name)}:${JSON.stringify(value)}`)
    .join("");
}
