import type { RefusalCode } from "../../core/change.ts";
import type { Issue } from "../../core/json/schema.ts";
import type { StatusVerdict } from "../../core/ports/broker.ts";
import type { ProblemCode } from "../../core/problem.ts";

export type Refused = Extract<StatusVerdict, { verdict: "refused" }>;

type StatusProblem =
  | "validation"
  | "resource-not-found"
  | "settled"
  | "not-external"
  | "operation-claimed"
  | "operation-too-large"
  | "internal";

const DETAILS: Readonly<Record<StatusProblem & ProblemCode, string>> = {
  validation: "The message is not as it must be.",
  "resource-not-found": "There is no resource of this type and id.",
  settled: "No operation of the resource is in progress, or it was settled by another message.",
  "not-external": "The operation in progress is not done by outside processes; its type declares work for it.",
  "operation-claimed": "A worker has claimed the operation; what others say of it does not count.",
  "operation-too-large": "The operation holds as much as its type allows; it can take no more.",
  internal: "The message could not be applied.",
};

/** Says why a message can never be applied. */
export function refusedFor(code: StatusProblem, issues?: readonly Issue[]): Refused {
  const [first] = issues ?? [];
  const detail = first === undefined ? DETAILS[code] : `${DETAILS[code]} ${first.pointer} ${first.detail}.`;
  return { verdict: "refused", code, detail, ...(issues === undefined ? {} : { issues }) };
}

/** A refusal of the core, in the words for outside processes. */
export function refusalOf(code: RefusalCode): Refused {
  switch (code) {
    case "unknown-status":
      return refusedFor("validation", [{ pointer: "/data/label", detail: "is no label with which the type succeeds" }]);
    case "resource-not-found":
    case "settled":
    case "not-external":
    case "operation-claimed":
    case "operation-too-large":
      return refusedFor(code);
    default:
      return refusedFor("internal");
  }
}
