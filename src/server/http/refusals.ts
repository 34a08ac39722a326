import type { RefusalCode } from "../../core/change.ts";
import type { ProblemCode } from "../../core/problem.ts";
import { INTERNAL_DETAIL, Refusal, type RefusalOptions } from "./problems.ts";

interface RefusalText {
  readonly code: ProblemCode;
  readonly detail: string;
}

/** The problem for each refusal of the core, for HTTP clients and external processes alike. */
export const REFUSALS: Readonly<Record<RefusalCode, RefusalText>> = {
  "resource-not-found": { code: "resource-not-found", detail: "There is no resource of this type and id." },
  "resource-exists": { code: "precondition-failed", detail: "A resource with this id already exists." },
  "operation-in-progress": {
    code: "operation-in-progress",
    detail: "Another operation of the resource is in progress. Wait until it is settled, or cancel it.",
  },
  "edit-mismatch": {
    code: "precondition-failed",
    detail: "The resource has changed since it was read. Read it again and repeat the change.",
  },
  settled: { code: "settled", detail: "No operation of the resource is in progress." },
  "delete-in-progress": {
    code: "delete-in-progress",
    detail: "The resource is being deleted, which cannot be cancelled.",
  },
  "operation-too-large": {
    code: "operation-too-large",
    detail: "The operation has reached the size limit of its type and accepts no further data.",
  },
  "too-many-in-progress": {
    code: "too-many-in-progress",
    detail: "The type has reached its limit of resources in progress. Wait for some to finish.",
  },
  "too-many-of-owner": {
    code: "too-many-in-progress",
    detail: "You have reached your limit of resources in progress. Wait for some to finish, or cancel them.",
  },
  "idempotency-key-reused": {
    code: "idempotency-key-reused",
    detail:
      "This Idempotency-Key was used for another request. Send a new key for a new request; repeat a request with the same method, path and body.",
  },
  "not-external": {
    code: "not-external",
    detail: "The operation in progress is not external: its type declares work for it.",
  },
  "operation-claimed": {
    code: "operation-claimed",
    detail: "A worker has claimed the operation; only its messages count until it ends the attempt.",
  },
  "unknown-status": { code: "internal", detail: INTERNAL_DETAIL },
};

/** Converts a refusal of the core to one of HTTP. */
export function toRefusal(code: RefusalCode, options: RefusalOptions = {}): Refusal {
  const { code: problem, detail } = REFUSALS[code];
  return new Refusal(problem, detail, options);
}
