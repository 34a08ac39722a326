import type { ResourceType } from "../../core/definition/resource-type.ts";
import type { OperationEvent } from "../../core/events.ts";
import { type Issue, validate } from "../../core/json/schema.ts";
import type { OperationError } from "../../core/operation.ts";
import type { ArrivedMessage, StatusVerdict } from "../../core/ports/broker.ts";
import { reservedFields, outsideDetails } from "./message-check.ts";
import type { OutsideMessage } from "./message-check.ts";
import { refusedFor } from "./status-refusals.ts";

export interface OutsideEventParts {
  readonly message: OutsideMessage;
  readonly type: ResourceType;
  /** The operation in progress is a delete: what is deleted has no details. */
  readonly isDeleted: boolean;
  readonly arrived: Pick<ArrivedMessage, "at" | "isInOrder" | "isRepeated">;
  readonly now: number;
}

/** A sender's clock may be wrong, but not so wrong that what it says would outdo everything that comes after. */
const MOST_AHEAD_MS = 86_400_000;

/** What a status message means for the operation in progress; a verdict where it can mean nothing. */
export async function outsideEvent(parts: OutsideEventParts): Promise<OperationEvent | StatusVerdict> {
  const { message, type, isDeleted, arrived, now } = parts;
  if (message.type === "dev.afoot.received") return received(message, type);
  const sentAt = message.time === undefined ? arrived.at : Date.parse(message.time);
  if (Number.isNaN(sentAt)) return invalid([{ pointer: "/time", detail: "is no instant" }]);
  if (sentAt > now + MOST_AHEAD_MS) return invalid([{ pointer: "/time", detail: "is more than a day in the future" }]);
  const isLatest = message.time === undefined && isSurelyLatest(message, arrived);
  const said = { event: "observed", sentAt, ...(isLatest ? { isLatest } : {}) } as const;
  switch (message.type) {
    case "dev.afoot.progress": {
      const { details, ...reported } = message.data;
      const issues = details === undefined ? [] : reservedFields(details, "/data/details");
      if (issues.length > 0) return invalid(issues);
      return {
        ...said,
        ...reported,
        ...(details === undefined ? {} : { details: JSON.stringify(details) }),
      };
    }
    case "dev.afoot.succeeded": {
      const { label, details: given } = message.data;
      if (isDeleted) return { ...said, outcome: "succeeded", details: "{}" };
      const { details, issues } = await outsideDetails(type, given, "/data/details");
      if (issues !== undefined) return invalid(issues);
      return { ...said, outcome: "succeeded", details, ...(label === undefined ? {} : { label }) };
    }
    case "dev.afoot.failed":
      return { ...said, outcome: "failed", error: errorOf(message.data.error) };
  }
}

/**
 * Clocks of servers may differ by minutes, so where the order is known it counts, not the clock. An end is not outdone by a clock
 * either; delivered again, it may be that of the operation before.
 */
function isSurelyLatest(
  { type }: OutsideMessage,
  { isInOrder = false, isRepeated = false }: OutsideEventParts["arrived"],
): boolean {
  return isInOrder || (type !== "dev.afoot.progress" && !isRepeated);
}

type Received = Extract<OutsideMessage, { type: "dev.afoot.received" }>;

async function received({ id, source, data }: Received, type: ResourceType): Promise<OperationEvent | StatusVerdict> {
  const { name, value } = data;
  const declared = type.receives.get(name);
  if (declared === undefined) {
    return invalid([{ pointer: "/data/name", detail: `${type.name} receives no such message` }]);
  }
  const validated = await validate(declared.schema, value, "/data/value");
  if (validated.issues !== undefined) return invalid(validated.issues);
  // An id is unique for its source, and a source has no spaces.
  return { event: "received", id: `${source} ${id}`, name, value: JSON.stringify(validated.value) };
}

/** An error in the words of an outside process. */
export function errorOf({
  code,
  message,
  retryable = false,
}: {
  code: string;
  message: string;
  retryable?: boolean;
}): OperationError {
  const words = code.replaceAll("-", " ");
  return { code, title: words.charAt(0).toUpperCase() + words.slice(1), detail: message, retryable };
}

function invalid(issues: readonly Issue[]): StatusVerdict {
  return refusedFor("validation", issues);
}
