import { isJsonObject } from "../core/json.ts";
import type { ResourceSpec } from "../core/resource-type.ts";
import type { Answer } from "./answer.ts";
import { ProblemError } from "./errors.ts";
import { embeddedStatus } from "./reading.ts";
import type { ResourceState } from "./types.ts";

/**
 * Makes a state of a representation.
 *
 * @throws ProblemError `not-a-resource` for what is none
 */
export function readState<Spec extends ResourceSpec>(
  url: string,
  { body, headers, status }: Answer,
): ResourceState<Spec> {
  if (!isJsonObject(body) || typeof body["id"] !== "string") {
    const detail = "answered without an id and a status; is the URL that of a resource?";
    throw new ProblemError(
      { type: "about:blank", title: "Not a resource", status, detail, code: "not-a-resource" },
      { method: "GET", url },
    );
  }
  const { outcome, error } = embeddedStatus(body, headers);
  const state = {
    ...body,
    settled: outcome !== undefined,
    succeeded: outcome === "succeeded",
    ...(error === undefined ? {} : { error }),
  };
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the server validated it by the very schemas that the type is inferred from
  return state as unknown as ResourceState<Spec>;
}
