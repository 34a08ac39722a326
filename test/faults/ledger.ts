import { z } from "zod";
import { lineLog } from "../support/line-log.ts";

const LINE = z.object({
  /** Id of the resource. */
  id: z.string(),
  what: z.enum(["begun", "done", "undone"]),
  step: z.string(),
  key: z.string(),
  attempt: z.number(),
});

/** The log of effects, written by the work itself: one line for each begin and end, in order. */
export type LedgerLine = z.infer<typeof LINE>;

export const { note, read: readLedger } = lineLog(LINE);
