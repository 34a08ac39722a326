import type { RefusalCode } from "../../core/change.ts";
import type { Issue } from "../../core/json/schema.ts";
import type { StatusMessageResult } from "../../core/ports/broker.ts";
import type { ProblemCode } from "../../core/problem.ts";

export type RefusedMessage = Extract<StatusMessageResult, { result: "refused" }>;

type StatusProblem =
  | "validation"
  | "resource-not-found"
  | "settled"
  | "not-external"
  | "operation-claimed"
  | "operation-too-large"
  | "internal";

const DETAILS: Readonly<Record<StatusProblem & ProblemCode, string>> = {
  validation: "The message is invalid.",
  "resource-not-found": "There is no resource of this type and id.",
  settled: "No operation of the resource is in progress, or another message settled it already.",
  "not-external": "The operation in progress is not external: its type declares work for it.",
  "operation-claimed": "A worker has claimed the operation; only its messages count until it ends the attempt.",
  "operation-too-large": "The operation has reached the size limit of its type and accepts no further data.",
  internal: "The message could not be applied.",
};

/** Creates the refusal of a message that can never be applied. */
export function refusalFor(code: StatusProblem, issues?: readonly Issue[]): RefusedMessage {
  const [first] = issues ?? [];
  const detail = first === undefined ? DETAILS[code] : `${DETAILS[code]} ${first.pointer} ${first.detail}.`;
  return { result: "refused", code, detail, ...(issues === undefined ? {} : { issues }) };
}

/** Converts a refusal of the core to one for external processes. */
export function refusalOf(code: RefusalCode): RefusedMessage {
  switch (code) {
    case "unknown-status":
      return refusalFor("validation", [{ pointer: "/data/label", detail: "is not a ready label of the type" }]);
    case "resource-not-found":
    case "settled":
    case "not-external":
    case "operation-claimed":
    case "operation-too-large":
      return refusalFor(code);
    default:
      return refusalFor("internal");
  }
}
