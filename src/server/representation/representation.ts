import { hash } from "node:crypto";
import type { ResourceType } from "../../core/definition/resource-type.ts";
import { isJsonObject, type JsonText } from "../../core/json/json.ts";
import { redacted } from "../../core/json/redact.ts";
import { problemType } from "../../core/problem.ts";
import { type Resource, shownConfiguration, shownDetails } from "../../core/resource.ts";
import { remainingJson } from "../timing/duration-text.ts";
import { type Estimates, timingOf } from "../timing/retry-after.ts";

/** A resource as clients see it at one moment. */
export interface Representation {
  readonly text: JsonText;
  /** The entity tag, without its quotes. */
  readonly tag: string;
  /** Seconds; exactly while in progress. */
  readonly retryAfter: number | undefined;
}

/** The fields a client asked for; undefined for all. */
export type Fields = ReadonlySet<string> | undefined;

/**
 * Writes resources of one type. Configuration and details are stored as JSON texts and stay so: a representation is put
 * together from texts, and nothing is parsed unless single fields are asked for.
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

/** 96 bits: no two states of a resource are met that share them. In hexadecimal, so that the last hyphen of a tag ends the edit. */
const TAG_LENGTH = 24;

/** The part of an entity tag that names the edit. */
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

/** Rounded down, and below 100 while in progress. The addend makes up for products such as 0.29 * 100 = 28.999999999999996. */
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

/** The inside of an object's text, to stand in another object. */
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
