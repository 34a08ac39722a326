import type { ResourceSpec } from "../../core/definition/resource-type.ts";
import { isJsonObject } from "../../core/json/json.ts";
import { type Answer, unusable } from "../http/reply.ts";
import type { ResourceState } from "../types.ts";
import { embeddedStatus, readWith } from "./reading.ts";

/** The fields of a representation. @throws ProblemError `not-a-resource` for what is none */
export function fieldsIn(
  url: string,
  { body, status }: Answer,
): { readonly [field: string]: unknown; readonly id: string } {
  if (isJsonObject(body) && typeof body["id"] === "string") return { ...body, id: body["id"] };
  const detail = "answered without an id";
  throw unusable({ method: "GET", url }, { status, code: "not-a-resource", detail });
}

/** Makes a state of a representation. @throws ProblemError `not-a-resource` for what is none */
export function readState<Spec extends ResourceSpec>(url: string, answer: Answer): ResourceState<Spec> {
  const fields = fieldsIn(url, answer);
  const { settled, succeeded, error } = readWith(embeddedStatus, answer);
  const state = { ...fields, settled, succeeded, ...(error === undefined ? {} : { error }) };
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the server validated it by the very schemas that the type is inferred from
  return state as unknown as ResourceState<Spec>;
}
