import { labelFault } from "../../core/definition/checks.ts";
import type { ResourceType } from "../../core/definition/resource-type.ts";
import { AfootError } from "../../core/errors.ts";
import type { AnsweredEvent } from "../../core/events.ts";
import { isJsonObject, type JsonText } from "../../core/json/json.ts";
import { type Issue, validate } from "../../core/json/schema.ts";
import type { OperationError } from "../../core/operation.ts";
import { type Resource, shownDetails } from "../../core/resource.ts";
import { reservedFields } from "../external/message-check.ts";
import { errorOf } from "../external/status-event.ts";

/** An answer of `observe` that means nothing. Nothing of it is stored. */
class InvalidObservationError extends AfootError {
  override readonly name = "InvalidObservationError";

  constructor(fault: string) {
    super("invalid-observation", `observe: ${fault}.`);
  }
}

/** What the operation ended with, where the answer gives no reason. */
const FAILED = { code: "process-failed", message: "The background process reported that it failed." };

/**
 * What an answer of `observe` means for the resource that was asked about; undefined where it says nothing.
 *
 * @throws InvalidObservationError naming the field
 */
export async function answeredEvent(
  answer: unknown,
  resource: Resource,
  type: ResourceType,
): Promise<AnsweredEvent | undefined> {
  if (answer === undefined || answer === null) return undefined;
  if (!isJsonObject(answer)) throw new InvalidObservationError("give an object, such as { progress: 0.5 }, or nothing");
  const { creation, version, operation } = resource;
  const outcome = operation.settledAt === null ? outcomeOf(answer["outcome"]) : undefined;
  const of = { event: "answered", creation, version } as const;
  if (outcome === "failed") return { ...of, outcome, error: failureOf(answer["error"]) };

  const isWhole = operation.settledAt !== null || outcome === "succeeded";
  const status = statusOf(answer["status"], type, isWhole);
  const details = await detailsOf(answer["details"], resource, type, isWhole);
  const said = { ...of, ...(status === undefined ? {} : { status }), ...(details === undefined ? {} : { details }) };
  if (outcome === "succeeded") return { ...said, outcome };
  const progress = operation.settledAt === null ? progressOf(answer["progress"]) : undefined;
  if (status === undefined && details === undefined && progress === undefined) return undefined;
  return progress === undefined ? said : { ...said, progress };
}

function outcomeOf(outcome: unknown): AnsweredEvent["outcome"] {
  if (outcome === undefined || outcome === "succeeded" || outcome === "failed") return outcome;
  throw new InvalidObservationError(`outcome: ${shown(outcome)} is neither "succeeded" nor "failed"`);
}

function progressOf(progress: unknown): number | undefined {
  if (progress === undefined) return undefined;
  if (typeof progress === "number" && progress >= 0 && progress <= 1) return progress;
  throw new InvalidObservationError(`progress: ${shown(progress)} is not a number from 0 to 1`);
}

/** A client is to tell what is settled by a label, too, where it knows the type's: none of those is shown of what is in progress. */
function statusOf(status: unknown, { policy }: ResourceType, isSettled: boolean): string | undefined {
  if (status === undefined) return undefined;
  const fault = labelFault(status);
  if (fault !== undefined || typeof status !== "string") throw new InvalidObservationError(`status: ${fault}`);
  const { ready, failed, cancelled } = policy;
  if (isSettled) {
    if (ready.includes(status)) return status;
    throw new InvalidObservationError(`status: ${shown(status)} is no ready label; these are: ${ready.join(", ")}`);
  }
  if (![...ready, failed, cancelled].includes(status)) return status;
  throw new InvalidObservationError(
    `status: ${shown(status)} is a label of settled resources; say outcome: "succeeded" or "failed" where it has ended`,
  );
}

async function detailsOf(
  details: unknown,
  resource: Resource,
  type: ResourceType,
  isWhole: boolean,
): Promise<JsonText | undefined> {
  // What is deleted has no details.
  if (resource.operation.settledAt === null && resource.operation.kind === "delete") return isWhole ? "{}" : undefined;
  if (details === undefined && (!isWhole || resource.operation.settledAt !== null)) return undefined;
  const outcome = await observedDetails({ details, before: shownDetails(resource), type, isWhole });
  if (outcome.issues === undefined) return outcome.details;
  const faults = outcome.issues.map(({ pointer, detail }) => `details${pointer}: ${detail}`).join("; ");
  throw new InvalidObservationError(faults);
}

function failureOf(error: unknown): OperationError {
  if (error === undefined) return errorOf(FAILED);
  const { code, message, retryable = false } = isJsonObject(error) ? error : {};
  if (typeof code !== "string" || code === "" || typeof message !== "string" || typeof retryable !== "boolean") {
    throw new InvalidObservationError(`error: ${shown(error)} is not as { code: "no-capacity", message: "..." }`);
  }
  return errorOf({ code, message, retryable });
}

function shown(value: unknown): string {
  return typeof value === "number" ? String(value) : (JSON.stringify(value) ?? typeof value);
}

interface ObservedDetailsParts {
  /** As they were observed: some of the fields. */
  readonly details: unknown;
  /** Those that are shown. */
  readonly before: JsonText;
  readonly type: ResourceType;
  /** They have to be as the schema says, to the last field: the operation ends with them. */
  readonly isWhole: boolean;
}

type ObservedDetails =
  | { readonly details: JsonText; readonly issues?: undefined }
  | { readonly issues: readonly Issue[]; readonly details?: undefined };

/** Merges observed details over those that are shown, and says what of it does not fit the type's schema. */
async function observedDetails({
  details = {},
  before,
  type,
  isWhole,
}: ObservedDetailsParts): Promise<ObservedDetails> {
  // What JSON makes of it is what clients will see, so that is what the schema is asked about.
  const observed: unknown = JSON.parse(JSON.stringify(details) ?? "null");
  if (!isJsonObject(observed)) return { issues: [{ pointer: "", detail: "must be an object" }] };
  const reserved = reservedFields(observed, "");
  if (reserved.length > 0) return { issues: reserved };
  const shown: unknown = JSON.parse(before);
  const merged = { ...(isJsonObject(shown) ? shown : {}), ...observed };
  const validated = await validate(type.details.schema, merged);
  if (isWhole) {
    if (validated.issues !== undefined) return { issues: validated.issues };
    return { details: JSON.stringify(validated.value) };
  }
  // Fields that are still missing are no fault while it goes on.
  const issues = (validated.issues ?? []).filter(({ pointer }) => Object.hasOwn(observed, fieldOf(pointer)));
  return issues.length > 0 ? { issues } : { details: JSON.stringify(merged) };
}

/** The first reference token of a pointer. */
function fieldOf(pointer: string): string {
  return (pointer.split("/")[1] ?? "").replaceAll("~1", "/").replaceAll("~0", "~");
}
