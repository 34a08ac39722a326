import { BODILESS_HEADERS, EVENTS_TYPE } from "./headers.ts";

/** Headers of an event stream. `X-Accel-Buffering` keeps nginx from buffering the events. */
export const STREAM_HEADERS = ["Content-Type", EVENTS_TYPE, ...BODILESS_HEADERS, "X-Accel-Buffering", "no"];

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
