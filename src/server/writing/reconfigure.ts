import type { ResourceType } from "../../core/definition/resource-type.ts";
import { containsField } from "../../core/json/redact.ts";
import { type Resource, shownConfiguration } from "../../core/resource.ts";
import type { EndpointRequest, EndpointContext } from "../context.ts";
import { Refusal } from "../http/problems.ts";
import type { ValidatedConfiguration } from "../request/configuration.ts";
import { equalsJson } from "../request/merge-patch.ts";
import { acceptChange } from "./write-request.ts";
import type { WriteResponses } from "./write-responses.ts";
import type { PlannedWrite } from "./write.ts";

interface Reconfiguration {
  readonly type: ResourceType;
  readonly answers: WriteResponses;
  readonly before: Resource;
  /** The configuration that was sent, or the part of it. */
  readonly requested: unknown;
  readonly valid: ValidatedConfiguration;
}

/**
 * Gives an existing resource a configuration: by its update, or, where it is what the resource has or is on its way to, not at
 * all.
 *
 * @throws Refusal `method-not-allowed` where the type declares no update
 */
export function reconfigure(
  context: EndpointContext,
  request: EndpointRequest,
  { type, answers, before, requested: asked, valid }: Reconfiguration,
): PlannedWrite {
  const place = { type, id: before.id, before };
  const present: unknown = JSON.parse(shownConfiguration(before));
  // To say that a redacted field is as it was would confirm whoever guessed it.
  if (!containsField(asked, type.policy.redact) && equalsJson(JSON.parse(valid.configuration), present)) {
    // The operation that is there already, once more: the core changes nothing, and the answer is kept under its key.
    const { id, kind } = before.operation;
    return {
      change: acceptChange(context, request, place, { id, kind }),
      response: (after) => answers.accepted(request, after, 200),
    };
  }
  if (!type.operations.has("update")) throw noUpdate(type);
  return {
    change: acceptChange(context, request, place, { kind: "update", ...valid }),
    response: (after) => answers.accepted(request, after),
  };
}

function noUpdate({ name }: ResourceType): Refusal {
  return new Refusal("method-not-allowed", `The configuration of a ${name} cannot be changed.`, {
    headers: ["Allow", "GET, HEAD, DELETE, OPTIONS"],
  });
}
