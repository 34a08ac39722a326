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

interface StreamCounts {
  readonly streams: { open: number };
  readonly longPolls: { readonly takePlace: (principalId: string | undefined) => (() => void) | undefined };
}

/**
 * Counts a stream while it is open. It takes a place of the waiting requests, also while its client reads nothing.
 *
 * @param events creates the events; if no place is left, they must end at once
 */
export async function* countWhileOpen(
  { streams, longPolls }: StreamCounts,
  principalId: string | undefined,
  events: (hasPlace: boolean) => AsyncGenerator<string>,
): AsyncGenerator<string> {
  const freePlace = longPolls.takePlace(principalId);
  streams.open++;
  try {
    yield* events(freePlace !== undefined);
  } finally {
    streams.open--;
    freePlace?.();
  }
}
