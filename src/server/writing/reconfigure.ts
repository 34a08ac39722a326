import type { ResourceType } from "../../core/definition/resource-type.ts";
import { namesField } from "../../core/json/redact.ts";
import { type Resource, shownConfiguration } from "../../core/resource.ts";
import type { EndpointRequest, EndpointContext } from "../context.ts";
import { Refusal } from "../http/problems.ts";
import type { ValidConfiguration } from "../request/configuration.ts";
import { sameJson } from "../request/merge-patch.ts";
import { acceptance } from "./write-request.ts";
import type { Answers } from "./write-responses.ts";
import type { Intent } from "./write.ts";

interface Reconfiguration {
  readonly type: ResourceType;
  readonly answers: Answers;
  readonly before: Resource;
  /** The configuration that was sent, or the part of it. */
  readonly asked: unknown;
  readonly valid: ValidConfiguration;
}

/**
 * Gives an existing resource a configuration: by its update, or, where it is what the resource has or is on its way to, not at
 * all.
 *
 * @throws Refusal `method-not-allowed` where the type declares no update
 */
export function reconfigure(
  serving: EndpointContext,
  call: EndpointRequest,
  { type, answers, before, asked, valid }: Reconfiguration,
): Intent {
  const place = { type, id: before.id, before };
  const present: unknown = JSON.parse(shownConfiguration(before));
  // To say that a redacted field is as it was would confirm whoever guessed it.
  if (!namesField(asked, type.policy.redact) && sameJson(JSON.parse(valid.configuration), present)) {
    // The operation that is there already, once more: the core changes nothing, and the answer is kept under its key.
    const { id, kind } = before.operation;
    return {
      change: acceptance(serving, call, place, { id, kind }),
      answer: (after) => answers.accepted(call, after, 200),
    };
  }
  if (!type.operations.has("update")) throw noUpdate(type);
  return {
    change: acceptance(serving, call, place, { kind: "update", ...valid }),
    answer: (after) => answers.accepted(call, after),
  };
}

function noUpdate({ name }: ResourceType): Refusal {
  return new Refusal("method-not-allowed", `The configuration of a ${name} cannot be changed.`, {
    headers: ["Allow", "GET, HEAD, DELETE, OPTIONS"],
  });
}
