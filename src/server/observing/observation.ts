import { labelError } from "../../core/definition/checks.ts";
import type { ResourceType } from "../../core/definition/resource-type.ts";
import { AfootError } from "../../core/errors.ts";
import type { ObservedEvent } from "../../core/events.ts";
import { encodeJson, NotJsonError } from "../../core/json/encode-json.ts";
import { isJsonObject, type JsonText } from "../../core/json/json.ts";
import { type Issue, validate } from "../../core/json/schema.ts";
import { validateToJson } from "../../core/json/validate-to-json.ts";
import { createOperationError } from "../../core/operation-error.ts";
import type { OperationError } from "../../core/operation.ts";
import { isSettledLabel } from "../../core/policy.ts";
import { type Resource, shownDetails } from "../../core/resource.ts";
import { reservedFields } from "../external/message-check.ts";

/** An invalid result of `observe`. Nothing of it is stored. */
class InvalidObservationError extends AfootError {
  override readonly name = "InvalidObservationError";

  constructor(problem: string) {
    super("invalid-observation", `observe: ${problem}.`);
  }
}

/** Error of an operation that failed according to `observe`, without a reason. */
const FAILED = { code: "process-failed", message: "The background process reported that it failed." };

/**
 * Converts a result of `observe` to an event for the resource; undefined if it contains nothing.
 *
 * @throws InvalidObservationError naming the field
 */
export async function observedEvent(
  observed: unknown,
  resource: Resource,
  type: ResourceType,
): Promise<ObservedEvent | undefined> {
  if (observed === undefined || observed === null) return undefined;
  if (!isJsonObject(observed)) {
    throw new InvalidObservationError("the result must be an object, such as { progress: 0.5 }, or undefined");
  }
  const { creation, version, operation } = resource;
  const outcome = operation.settledAt === null ? outcomeOf(observed["outcome"]) : undefined;
  const of = { event: "observed", creation, version } as const;
  if (outcome === "failed") return { ...of, outcome, error: failureOf(observed["error"]) };

  const isComplete = operation.settledAt !== null || outcome === "succeeded";
  const status = statusOf(observed["status"], type, isComplete);
  const details = await detailsOf(observed["details"], resource, type, isComplete);
  const event = { ...of, ...(status === undefined ? {} : { status }), ...(details === undefined ? {} : { details }) };
  if (outcome === "succeeded") return { ...event, outcome };
  const progress = operation.settledAt === null ? progressOf(observed["progress"]) : undefined;
  if (status === undefined && details === undefined && progress === undefined) return undefined;
  return progress === undefined ? event : { ...event, progress };
}

function outcomeOf(outcome: unknown): ObservedEvent["outcome"] {
  if (outcome === undefined || outcome === "succeeded" || outcome === "failed") return outcome;
  throw new InvalidObservationError(`outcome: ${format(outcome)} is neither "succeeded" nor "failed"`);
}

function progressOf(progress: unknown): number | undefined {
  if (progress === undefined) return undefined;
  if (typeof progress === "number" && Number.isFinite(progress)) return Math.min(1, Math.max(0, progress));
  throw new InvalidObservationError(`progress: ${format(progress)} is not a number from 0 to 1`);
}

/** Validates a label. Labels of settled resources are rejected while in progress, so that a client can rely on them. */
function statusOf(status: unknown, { policy }: ResourceType, isSettled: boolean): string | undefined {
  if (status === undefined) return undefined;
  const problem = labelError(status);
  if (problem !== undefined || typeof status !== "string") throw new InvalidObservationError(`status: ${problem}`);
  const { ready } = policy;
  if (isSettled) {
    if (ready.includes(status)) return status;
    throw new InvalidObservationError(
      `status: ${format(status)} is not a ready label; use one of: ${ready.join(", ")}`,
    );
  }
  if (!isSettledLabel(policy, status)) return status;
  throw new InvalidObservationError(
    `status: ${format(status)} is a label of settled resources; if the operation has ended, return outcome: "succeeded" or "failed"`,
  );
}

async function detailsOf(
  details: unknown,
  resource: Resource,
  type: ResourceType,
  isComplete: boolean,
): Promise<JsonText | undefined> {
  // A deleted resource has no details.
  if (resource.operation.settledAt === null && resource.operation.kind === "delete") {
    return isComplete ? "{}" : undefined;
  }
  if (details === undefined && (!isComplete || resource.operation.settledAt !== null)) return undefined;
  const outcome = await observedDetails({ details, before: shownDetails(resource), type, isComplete });
  if (outcome.issues === undefined) return outcome.details;
  const problems = outcome.issues.map(({ pointer, detail }) => `details${pointer}: ${detail}`).join("; ");
  throw new InvalidObservationError(problems);
}

function failureOf(error: unknown): OperationError {
  if (error === undefined) return createOperationError(FAILED.code, FAILED.message, false);
  const { code, message, retryable = false } = isJsonObject(error) ? error : {};
  if (typeof code !== "string" || code === "" || typeof message !== "string" || typeof retryable !== "boolean") {
    throw new InvalidObservationError(
      `error: ${format(error)} is invalid; the form is { code: "no-capacity", message: "..." }`,
    );
  }
  return createOperationError(code, message, retryable);
}

function format(value: unknown): string {
  return typeof value === "number" ? String(value) : (JSON.stringify(value) ?? typeof value);
}

interface ObservedDetailsParts {
  /** Details as observed: possibly only some of the fields. */
  readonly details: unknown;
  /** Details as shown before. */
  readonly before: JsonText;
  readonly type: ResourceType;
  /** True if all required fields must be present, because the operation ends with these details. */
  readonly isComplete: boolean;
}

type ObservedDetails =
  | { readonly details: JsonText; readonly issues?: undefined }
  | { readonly issues: readonly Issue[]; readonly details?: undefined };

/** Merges observed details over those shown, and validates the result against the type's schema. */
async function observedDetails({
  details = {},
  before,
  type,
  isComplete,
}: ObservedDetailsParts): Promise<ObservedDetails> {
  let observed: unknown;
  try {
    // Clients see the value after JSON serialization, so that is the value to validate.
    observed = JSON.parse(encodeJson(details, "details"));
  } catch (error) {
    if (!(error instanceof NotJsonError)) throw error;
    return { issues: [{ pointer: error.pointer, detail: error.reason }] };
  }
  if (!isJsonObject(observed)) return { issues: [{ pointer: "", detail: "must be an object" }] };
  const reserved = reservedFields(observed, "");
  if (reserved.length > 0) return { issues: reserved };
  const shown: unknown = JSON.parse(before);
  const merged = { ...(isJsonObject(shown) ? shown : {}), ...observed };
  if (isComplete) {
    const complete = await validateToJson(type.details.schema, merged);
    return complete.issues === undefined ? { details: complete.text } : { issues: complete.issues };
  }
  const validated = await validate(type.details.schema, merged);
  // Missing fields are allowed while the operation is in progress.
  const issues = (validated.issues ?? []).filter(({ pointer }) => Object.hasOwn(observed, fieldOf(pointer)));
  return issues.length > 0 ? { issues } : { details: JSON.stringify(merged) };
}

/** Returns the first reference token of a JSON Pointer. */
function fieldOf(pointer: string): string {
  return (pointer.split("/")[1] ?? "").replaceAll("~1", "/").replaceAll("~0", "~");
}
