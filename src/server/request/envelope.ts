import type { AcceptRequest } from "../../core/change.ts";
import { type DeclaredOperation, type ResourceType, takesDeadline } from "../../core/definition/resource-type.ts";
import { isJsonObject, type JsonText } from "../../core/json/json.ts";
import { MAX_PAIRS, mergeMetadata, metadataIssues } from "../../core/json/metadata.ts";
import type { Issue } from "../../core/json/schema.ts";
import { remainingJson } from "../timing/duration-text.ts";
import type { AllowedAddresses } from "../webhooks/addresses.ts";
import { webhookUrlError } from "../webhooks/url.ts";
import { unknownFields, validationError } from "./configuration.ts";
import { parseDuration, parseInstant } from "./instants.ts";

/** The fields of a body beside its configuration or input. */
export interface Envelope {
  /** A merge patch of the metadata; undefined if the body has none. */
  readonly metadata?: unknown;
  /** The deadline that the client chose. */
  readonly deadlineAt?: number | undefined;
  /** The receiver of the resource's events; only in a create. */
  readonly webhook?: string;
  readonly issues: readonly Issue[];
}

/**
 * Reads the fields beside the `configuration`.
 *
 * @param create for a body that always creates: the addresses that a `webhook` may lead to
 */
export function readEnvelope(
  type: ResourceType,
  body: unknown,
  now: number,
  create?: { readonly receivers: AllowedAddresses },
): Envelope {
  const { policy, operations, representation } = type;
  const allowsWebhook = create !== undefined && policy.webhooks?.perResource === true;
  const fields = [
    "configuration",
    ...(representation.metadata ? ["metadata"] : []),
    "deadline",
    ...(allowsWebhook ? ["webhook"] : []),
  ];
  const unknown = unknownFields(body, fields);
  if (!isJsonObject(body)) return { issues: unknown };
  const { metadata, webhook } = Object.fromEntries(fields.map((name) => [name, body[name]]));
  const { deadlineAt, issues } = readDeadline(body, now, create && operations.get("create"));
  const webhookError = webhook === undefined || !allowsWebhook ? undefined : webhookUrlError(webhook, create.receivers);
  return {
    metadata,
    deadlineAt,
    ...(typeof webhook === "string" ? { webhook } : {}),
    issues: [
      ...unknown,
      ...metadataIssues(metadata),
      ...issues,
      ...(webhookError === undefined ? [] : [{ pointer: "/webhook", detail: webhookError }]),
    ],
  };
}

/** Separates the `deadline` in the body of an action from its input. A field of the input with this name comes first. */
export function readActionBody(
  action: DeclaredOperation,
  body: unknown,
  now: number,
): Envelope & { readonly input: unknown } {
  if (!isJsonObject(body) || !takesDeadline(action)) return { input: body, issues: [] };
  const { deadline, ...input } = body;
  return { input, ...readDeadline({ deadline }, now, action) };
}

/** @param operation the operation that the body starts, if that is certain */
function readDeadline(
  { deadline: value }: Readonly<Record<string, unknown>>,
  now: number,
  operation: DeclaredOperation | undefined,
): Envelope {
  if (value === undefined) return { issues: [] };
  const text = typeof value === "string" ? value : "";
  const ms = parseDuration(text) ?? (parseInstant(text) ?? NaN) - now;
  return { deadlineAt: now + ms, issues: deadlineIssues(ms, operation) };
}

function deadlineIssues(ms: number, operation: DeclaredOperation | undefined): readonly Issue[] {
  const detail = deadlineError(ms, operation?.policy.deadlineMs ?? Infinity);
  return detail === undefined ? [] : [{ pointer: "/deadline", detail }];
}

function deadlineError(ms: number, maxMs: number): string | undefined {
  if (Number.isNaN(ms)) return 'must be a duration such as "PT10M", or an instant such as "2026-01-31T12:00:00Z"';
  if (ms <= 0) return "has passed; send one in the future";
  if (ms <= maxMs) return undefined;
  return `is later than this operation may take; send ${remainingJson(Math.floor(maxMs / 1000), "iso8601")} at most`;
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

/** The parts of an operation that the fields beside its configuration request. */
export interface ChosenOptions {
  /** The metadata from now on; undefined if it is not requested to change. */
  readonly metadata?: JsonText | null | undefined;
  readonly deadlineAt: number | undefined;
}

/**
 * Checks the options of an operation.
 *
 * @throws Refusal `validation` for a deadline that the operation cannot have
 */
export function operationOptions(
  operation: DeclaredOperation | undefined,
  now: number,
  { metadata, deadlineAt }: ChosenOptions,
): Pick<AcceptRequest, "metadata" | "deadlineAt"> {
  const issues = deadlineAt === undefined ? [] : deadlineIssues(deadlineAt - now, operation);
  if (issues.length > 0) throw validationError(issues);
  return {
    ...(metadata === undefined ? {} : { metadata }),
    ...(deadlineAt === undefined ? {} : { deadlineAt }),
  };
}
