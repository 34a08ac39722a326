import { z } from "zod";

/** Results of the requests of one second. */
export const SECOND = z.object({
  attempted: z.number(),
  /** Responses with 202. */
  served: z.number(),
  /** Responses with 503 (load shedding). */
  shed: z.number(),
  other: z.number(),
  /** Requests without a response. */
  lost: z.number(),
  /** Requests not sent, because every connection was waiting for a response. */
  unsent: z.number(),
  p50Ms: z.number(),
  p99Ms: z.number(),
});

export type Second = z.infer<typeof SECOND>;
