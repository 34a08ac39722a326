import type { ResourceSpec } from "../../core/definition/resource-type.ts";
import { isJsonObject } from "../../core/json/json.ts";
import { type Reply, unusableReplyError } from "../http/reply.ts";
import type { ResourceState } from "../types.ts";
import { embeddedStatus, readWith } from "./reading.ts";

/** Returns the fields of a representation. @throws ProblemError `not-a-resource` for a body without an id */
export function fieldsIn(
  url: string,
  { body, status }: Reply,
): { readonly [field: string]: unknown; readonly id: string } {
  if (isJsonObject(body) && typeof body["id"] === "string") return { ...body, id: body["id"] };
  const detail = "the reply has no id";
  throw unusableReplyError({ method: "GET", url }, { status, code: "not-a-resource", detail });
}

/** Makes a state of a representation. @throws ProblemError `not-a-resource` for a body without an id */
export function readState<Spec extends ResourceSpec>(url: string, reply: Reply): ResourceState<Spec> {
  const fields = fieldsIn(url, reply);
  const { settled, succeeded, error } = readWith(embeddedStatus, reply);
  const state = { ...fields, settled, succeeded, ...(error && { error }) };
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the server validated it by the very schemas that the type is inferred from
  return state as unknown as ResourceState<Spec>;
}
