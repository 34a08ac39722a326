import type { EndpointContext } from "../context.ts";
import { EVENTS_TYPE } from "../request/negotiate.ts";
import { BODILESS_HEADERS } from "./headers.ts";

/** A proxy that gathers a response before it passes it on would hold back the events. */
export const STREAM_HEADERS = ["Content-Type", EVENTS_TYPE, ...BODILESS_HEADERS, "X-Accel-Buffering", "no"];

/** Counts a stream for as long as it is open. */
export async function* countWhileOpen(
  streams: EndpointContext["streams"],
  events: AsyncGenerator<string>,
): AsyncGenerator<string> {
  streams.open++;
  try {
    yield* events;
  } finally {
    streams.open--;
  }
}
