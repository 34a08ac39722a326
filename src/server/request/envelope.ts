import type { AcceptRequest } from "../../core/change.ts";
import type { ResourceType } from "../../core/definition/resource-type.ts";
import { isJsonObject, type JsonText } from "../../core/json/json.ts";
import { MAX_PAIRS, mergeMetadata, metadataIssues } from "../../core/json/metadata.ts";
import type { Issue } from "../../core/json/schema.ts";
import { remainingJson } from "../timing/duration-text.ts";
import type { AllowedAddresses } from "../webhooks/addresses.ts";
import { webhookUrlError } from "../webhooks/url.ts";
import { unknownFields, validationError } from "./configuration.ts";
import { parseDuration, parseInstant } from "./instants.ts";

/** The fields of a body beside `configuration`. */
export interface Envelope {
  /** A merge patch of the metadata; undefined if the body has none. */
  readonly metadata: unknown;
  readonly deadline: Deadline | undefined;
  /** The receiver of the resource's events; only in a create. */
  readonly webhook: string | undefined;
  readonly issues: readonly Issue[];
}

/** A deadline that a client chose. */
export interface Deadline {
  readonly at: number;
  /** Time from the request to the deadline. */
  readonly ms: number;
}

/** Returns the fields that a body of the type may have. */
function envelopeFields({ representation }: ResourceType, allowsWebhook: boolean): readonly string[] {
  const metadata = representation.metadata ? ["metadata"] : [];
  return ["configuration", ...metadata, "deadline", ...(allowsWebhook ? ["webhook"] : [])];
}

/** @param receivers the addresses that a `webhook` of the body may lead to; undefined for a body without one */
export function readEnvelope(type: ResourceType, body: unknown, now: number, receivers?: AllowedAddresses): Envelope {
  const allowsWebhook = receivers !== undefined && type.policy.webhooks?.perResource === true;
  const unknown = unknownFields(body, envelopeFields(type, allowsWebhook));
  if (!isJsonObject(body)) return { metadata: undefined, deadline: undefined, webhook: undefined, issues: unknown };
  const metadata = type.representation.metadata ? body["metadata"] : undefined;
  const deadline = readDeadline(body["deadline"], now);
  const webhook = allowsWebhook ? body["webhook"] : undefined;
  const webhookError =
    webhook === undefined || receivers === undefined ? undefined : webhookUrlError(webhook, receivers);
  const issues = [
    ...unknown,
    ...metadataIssues(metadata),
    ...(deadline === "invalid" ? [INVALID_DEADLINE] : []),
    ...(webhookError === undefined ? [] : [{ pointer: "/webhook", detail: webhookError }]),
  ];
  return {
    metadata,
    deadline: deadline === "invalid" ? undefined : deadline,
    webhook: typeof webhook === "string" ? webhook : undefined,
    issues,
  };
}

const INVALID_DEADLINE: Issue = {
  pointer: "/deadline",
  detail: 'must be a duration such as "PT10M", or an instant such as "2026-01-31T12:00:00Z"',
};

function readDeadline(value: unknown, now: number): Deadline | undefined | "invalid" {
  if (value === undefined) return undefined;
  if (typeof value !== "string") return "invalid";
  const ms = parseDuration(value) ?? (parseInstant(value) ?? NaN) - now;
  return Number.isNaN(ms) ? "invalid" : { at: now + ms, ms };
}

/** Returns the error of a deadline that an operation of this kind cannot have. */
export function deadlineIssues(
  { operations }: ResourceType,
  kind: string,
  deadline: Deadline | undefined,
): readonly Issue[] {
  const maxMs = operations.get(kind)?.policy.deadlineMs ?? Infinity;
  if (deadline === undefined || (deadline.ms > 0 && deadline.ms <= maxMs)) return [];
  if (deadline.ms <= 0) return [{ pointer: "/deadline", detail: "has passed; send one in the future" }];
  const limit = remainingJson(Math.floor(maxMs / 1000), "iso8601");
  return [{ pointer: "/deadline", detail: `is later than this operation may take; send ${limit} at most` }];
}

/**
 * Merges the metadata of a body into the stored one. Undefined if the body has none.
 *
 * @throws Refusal `validation` for too many pairs
 */
export function mergedMetadata(stored: JsonText | null, patch: unknown): JsonText | null | undefined {
  if (patch === undefined) return undefined;
  const { text, count } = mergeMetadata(stored, patch);
  if (count <= MAX_PAIRS) return text;
  const detail = `has ${count} pairs; a resource has at most ${MAX_PAIRS}. Remove some with null`;
  throw validationError([{ pointer: "/metadata", detail }]);
}

/**
 * Returns the parts of an operation that the fields beside `configuration` request.
 *
 * @throws Refusal `validation` for a deadline that the operation cannot have
 */
export function operationOptions(
  type: ResourceType,
  kind: string,
  metadata: JsonText | null | undefined,
  deadline: Deadline | undefined,
): Pick<AcceptRequest, "metadata" | "deadlineAt"> {
  const issues = deadlineIssues(type, kind, deadline);
  if (issues.length > 0) throw validationError(issues);
  return {
    ...(metadata === undefined ? {} : { metadata }),
    ...(deadline === undefined ? {} : { deadlineAt: deadline.at }),
  };
}
