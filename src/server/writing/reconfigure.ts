import { eventChange, stampOf } from "../../core/change.ts";
import type { ResourceType } from "../../core/definition/resource-type.ts";
import type { JsonText } from "../../core/json/json.ts";
import { containsField } from "../../core/json/redact.ts";
import { type Resource, shownConfiguration } from "../../core/resource.ts";
import type { EndpointRequest, EndpointContext } from "../context.ts";
import { Refusal } from "../http/problems.ts";
import type { ValidatedConfiguration } from "../request/configuration.ts";
import { type ChosenOptions, operationOptions } from "../request/envelope.ts";
import type { WriteResponse } from "../request/idempotency.ts";
import { equalsJson } from "../request/merge-patch.ts";
import { acceptChange } from "./write-request.ts";
import type { WriteResponses } from "./write-responses.ts";
import type { PlannedWrite } from "./write.ts";

interface Reconfiguration {
  readonly type: ResourceType;
  readonly responses: WriteResponses;
  readonly before: Resource;
  /** The configuration that was sent, or the patch of it. */
  readonly requested: unknown;
  readonly valid: ValidatedConfiguration;
  readonly chosen: ChosenOptions;
}

/**
 * Plans the change of an existing resource's configuration: starts its update, or changes nothing if the resource
 * already has this configuration or is being updated to it.
 *
 * @throws Refusal `method-not-allowed` if the type declares no update
 */
export function reconfigure(
  context: EndpointContext,
  request: EndpointRequest,
  { type, responses, before, requested, valid, chosen }: Reconfiguration,
): PlannedWrite {
  const target = { type, id: before.id, before };
  const current: unknown = JSON.parse(shownConfiguration(before));
  // A redacted field is never compared: "unchanged" would confirm a guessed value.
  if (!containsField(requested, type.policy.redact) && equalsJson(JSON.parse(valid.configuration), current)) {
    const response = (after: Resource): WriteResponse => responses.accepted(request, after, 200);
    if (chosen.metadata !== undefined) return annotation(context, before, chosen.metadata, response);
    // Accepts the existing operation again: the core changes nothing, and the response is stored under its idempotency
    // key.
    const { id, kind } = before.operation;
    return { change: acceptChange(context, request, target, { id, kind }), response };
  }
  const update = type.operations.get("update");
  if (update === undefined) throw noUpdate(type);
  const options = operationOptions(update, context.clock.now(), chosen);
  return {
    change: acceptChange(context, request, target, { kind: "update", ...valid, ...options }),
    response: (after) => responses.accepted(request, after),
  };
}

/** Plans the change of a resource's metadata alone. It begins no operation, and one in progress continues. */
export function annotation(
  { clock }: Pick<EndpointContext, "clock">,
  { type, id, creation, edit }: Resource,
  metadata: JsonText | null,
  response: PlannedWrite["response"],
): PlannedWrite {
  const event = { event: "annotated", creation, edit, metadata } as const;
  return { change: eventChange({ type, id }, event, stampOf(clock)), response };
}

function noUpdate({ name, representation }: ResourceType): Refusal {
  return new Refusal(
    "method-not-allowed",
    `The configuration of a ${name} cannot be changed. Create a new resource instead.`,
    {
      headers: ["Allow", `GET, HEAD, ${representation.metadata ? "PATCH, " : ""}DELETE, OPTIONS`],
    },
  );
}
