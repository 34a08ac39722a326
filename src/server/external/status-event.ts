import type { ResourceType } from "../../core/definition/resource-type.ts";
import type { OperationEvent } from "../../core/events.ts";
import type { Issue } from "../../core/json/schema.ts";
import { validateToJson } from "../../core/json/validate-to-json.ts";
import { createOperationError } from "../../core/operation-error.ts";
import { isSettledLabel } from "../../core/policy.ts";
import type { ArrivedMessage, StatusMessageResult } from "../../core/ports/broker.ts";
import { reservedFields, validateDetails } from "./message-check.ts";
import type { CheckedStatusMessage } from "./message-check.ts";
import { refusalFor } from "./status-refusals.ts";

export interface StatusEventParts {
  readonly message: CheckedStatusMessage;
  readonly type: ResourceType;
  /** True if the operation in progress is a delete: a deleted resource has no details. */
  readonly isDeleted: boolean;
  readonly arrived: Pick<ArrivedMessage, "at" | "isInOrder" | "isRepeated" | "isRedated">;
  readonly now: number;
}

/** Maximum lead of a sender's clock. A message from further ahead would win over all later ones. */
const MAX_AHEAD_MS = 86_400_000;

/** Converts a status message to an event for the operation in progress, or returns the refusal if it cannot apply. */
export async function statusEvent(parts: StatusEventParts): Promise<OperationEvent | StatusMessageResult> {
  const { message, type, isDeleted, arrived, now } = parts;
  if (message.type === "dev.afoot.received") return received(message, type);
  const sentAt = message.time === undefined ? arrived.at : Date.parse(message.time);
  if (Number.isNaN(sentAt)) return invalidMessage([{ pointer: "/time", detail: "is not a date and time" }]);
  if (sentAt > now + MAX_AHEAD_MS) {
    return invalidMessage([{ pointer: "/time", detail: "is more than a day in the future" }]);
  }
  const isLatest = message.time === undefined && isSurelyLatest(message, arrived);
  const base = { event: "reported", sentAt, ...(isLatest ? { isLatest } : {}) } as const;
  switch (message.type) {
    case "dev.afoot.progress": {
      const { details, ...reported } = message.data;
      const issues = [
        ...settledLabel(reported.status, type),
        ...(details === undefined ? [] : reservedFields(details, "/data/details")),
      ];
      if (issues.length > 0) return invalidMessage(issues);
      return {
        ...base,
        ...reported,
        ...(details === undefined ? {} : { details: JSON.stringify(details) }),
      };
    }
    case "dev.afoot.succeeded": {
      const { label, details: given } = message.data;
      if (isDeleted) return { ...base, outcome: "succeeded", details: "{}" };
      const { details, issues } = await validateDetails(type, given, "/data/details");
      if (issues !== undefined) return invalidMessage(issues);
      return { ...base, outcome: "succeeded", details, ...(label === undefined ? {} : { label }) };
    }
    case "dev.afoot.failed": {
      const { code, message: detail, retryable = false } = message.data.error;
      return { ...base, outcome: "failed", error: createOperationError(code, detail, retryable) };
    }
  }
}

/**
 * Returns true if the message counts as the latest regardless of clocks. Clocks of servers may differ by minutes, so a known order wins.
 * An end also wins, unless it is redelivered with its first instant: then it may belong to the previous operation. Without that
 * instant, it would be outdated if another server commits a message meanwhile, and the operation would never end.
 */
function isSurelyLatest(
  { type }: CheckedStatusMessage,
  { isInOrder = false, isRepeated = false, isRedated = false }: StatusEventParts["arrived"],
): boolean {
  return isInOrder || (type !== "dev.afoot.progress" && (!isRepeated || isRedated));
}

/** A label of settled resources is rejected while the operation is in progress, because clients would take it for the end. */
function settledLabel(status: string | undefined, { policy }: ResourceType): readonly Issue[] {
  if (status === undefined || !isSettledLabel(policy, status)) return [];
  return [
    {
      pointer: "/data/status",
      detail: "is a label of settled resources; report another one, or post dev.afoot.succeeded or dev.afoot.failed",
    },
  ];
}

type Received = Extract<CheckedStatusMessage, { type: "dev.afoot.received" }>;

async function received(
  { id, source, data }: Received,
  type: ResourceType,
): Promise<OperationEvent | StatusMessageResult> {
  const { name, value } = data;
  const declared = type.receives.get(name);
  if (declared === undefined) {
    return invalidMessage([{ pointer: "/data/name", detail: `is not a message that ${type.name} receives` }]);
  }
  const validated = await validateToJson(declared.schema, value, "/data/value");
  if (validated.issues !== undefined) return invalidMessage(validated.issues);
  // An id is unique for its source, and a source has no spaces.
  return { event: "received", id: `${source} ${id}`, name, value: validated.text };
}

function invalidMessage(issues: readonly Issue[]): StatusMessageResult {
  return refusalFor("validation", issues);
}
