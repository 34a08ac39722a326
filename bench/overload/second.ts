import { z } from "zod";

/** What came of one second of asking. */
export const SECOND = z.object({
  asked: z.number(),
  /** Answered 202. */
  served: z.number(),
  /** Answered 503. */
  shed: z.number(),
  other: z.number(),
  /** Never answered. */
  lost: z.number(),
  /** Not asked, because every connection waited for an answer. */
  unsent: z.number(),
  p50Ms: z.number(),
  p99Ms: z.number(),
});

export type Second = z.infer<typeof SECOND>;
