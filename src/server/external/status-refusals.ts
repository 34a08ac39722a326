import type { RefusalCode } from "../../core/change.ts";
import type { Issue } from "../../core/json/schema.ts";
import type { RefusedMessage } from "../../core/ports/broker.ts";
import { REFUSALS } from "../http/refusals.ts";

type StatusProblem = "validation" | "internal" | RefusalCode;

const DETAILS = { validation: "The message is invalid.", internal: "The message could not be applied." };

/** Creates the refusal of a message that can never be applied. */
export function refusalFor(code: StatusProblem, issues?: readonly Issue[]): RefusedMessage {
  const [first] = issues ?? [];
  const problem = code === "validation" || code === "internal" ? { code, detail: DETAILS[code] } : REFUSALS[code];
  const detail = first === undefined ? problem.detail : `${problem.detail} ${first.pointer} ${first.detail}.`;
  return { result: "refused", code: problem.code, detail, ...(issues === undefined ? {} : { issues }) };
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
