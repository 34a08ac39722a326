import type { ArrivedMessage } from "../../core/ports/broker.ts";
import type { Deliver, Delivery } from "../../core/ports/inlet.ts";
import type { Clock } from "../../core/scheduling/clock.ts";
import type { StatusMessages } from "../external/status-messages.ts";
import { Refusal } from "../http/problems.ts";
import type { ServerOptions } from "../options.ts";
import { parseJson } from "../request/body.ts";

export interface DeliverParts {
  readonly statusMessages: Pick<StatusMessages, "apply">;
  readonly clock: Clock;
  readonly options: Pick<ServerOptions, "maxBodyBytes" | "maxDepth">;
}

/** Creates the function by which inlets deliver messages. They have the limits of a request body. */
export function createDeliver({ statusMessages, clock, options }: DeliverParts): Deliver {
  return (deliveries) => {
    const at = clock.now();
    return statusMessages.apply(deliveries.map((delivery) => toArrivedMessage(delivery, at, options)));
  };
}

function toArrivedMessage(
  { body, isRepeated }: Delivery,
  at: number,
  { maxBodyBytes, maxDepth }: DeliverParts["options"],
): ArrivedMessage {
  const base = { at, isRepeated, isRedated: isRepeated };
  if (body.length > maxBodyBytes) {
    const detail = `The body has ${body.length} bytes, more than the maximum of ${maxBodyBytes} (maxBodyBytes).`;
    return { ...base, message: undefined, unreadable: { code: "body-too-large", detail } };
  }
  try {
    return { ...base, message: parseJson(body, maxDepth) };
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    return { ...base, message: undefined, unreadable: { code: error.code, detail: error.message } };
  }
}
