import { EVENTS_TYPE } from "./headers.ts";
import { SECURITY_HEADERS } from "./problems.ts";

/**
 * Headers of an event stream. `X-Accel-Buffering` keeps nginx from buffering the events, and `no-transform` the
 * compression of Express, Next.js and others.
 */
export const STREAM_HEADERS = [
  "Content-Type",
  EVENTS_TYPE,
  "Cache-Control",
  "private, no-cache, no-transform",
  "Vary",
  "Accept",
  ...SECURITY_HEADERS,
  "X-Accel-Buffering",
  "no",
];

/** Counts a stream while it is open. */
export async function* countWhileOpen(
  streams: { open: number },
  events: AsyncGenerator<string>,
): AsyncGenerator<string> {
  streams.open++;
  try {
    yield* events;
  } finally {
    streams.open--;
  }
}
