import type { InputRequiredResult } from "@modelcontextprotocol/server";
import type { ResourceType } from "../../core/definition/resource-type.ts";
import { isJsonObject } from "../../core/json/json.ts";
import type { Call } from "../call.ts";
import { formRequest, formResponse } from "../form.ts";
import { isFlat } from "./schemas.ts";
import type { Arguments } from "./tool.ts";

/** Key of the form for missing fields of a configuration. */
const KEY = "configuration-1";

/** Arguments complete enough for the API, a request for the missing ones, or the reason why there are none. */
export type CompleteArguments =
  | { readonly given: Arguments }
  | { readonly ask: InputRequiredResult }
  | { readonly declined: string };

/**
 * Asks the user for required fields that a model left out, if the client can show a form for all of them. Otherwise, and if fields
 * are still missing afterwards, the API rejects the arguments with the reason.
 */
export function completeArguments(type: ResourceType, given: Arguments, call: Call): CompleteArguments {
  const { required, properties } = type.configuration.input;
  const missing = (Array.isArray(required) ? required : []).map(String).filter((name) => given[name] === undefined);
  if (!call.supportsForms || !isFlat(type) || missing.length === 0 || !isJsonObject(properties)) return { given };
  const response = formResponse(call.inputResponses[KEY]);
  if (response?.action === "accept") {
    const added = Object.entries(response.content).filter(([name]) => missing.includes(name));
    return { given: { ...given, ...Object.fromEntries(added) } };
  }
  if (response !== undefined) return { declined: `The user did not give ${missing.join(", ")}.` };
  const form = formRequest(`Missing for a new ${type.name.replaceAll("-", " ")}: ${missing.join(", ")}`, {
    properties: Object.fromEntries(missing.map((name) => [name, properties[name]])),
    required: missing,
  });
  return form === undefined ? { given } : { ask: { resultType: "input_required", inputRequests: { [KEY]: form } } };
}
