import { eventChange, stampOf } from "../../core/change.ts";
import type { JsonText } from "../../core/json/json.ts";
import type { Resource } from "../../core/resource.ts";
import type { EndpointContext } from "../context.ts";
import type { PlannedWrite } from "./write.ts";

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
