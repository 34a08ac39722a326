import { appendFileSync, readFileSync } from "node:fs";
import { z } from "zod";

const LINE = z.object({
  at: z.number(),
  /** The resource's id. */
  id: z.string(),
  what: z.enum(["begun", "done", "undone"]),
  step: z.string(),
  key: z.string(),
  attempt: z.number(),
});

/** What work did for real, written by the work itself: one line for each beginning and end, in the order in which it happened. */
export type LedgerLine = z.infer<typeof LINE>;

/** Appends a line. The file outlives the process, so what was written before a SIGKILL is there. */
export function note(path: string, line: LedgerLine): void {
  appendFileSync(path, `${JSON.stringify(line)}\n`);
}

export function readLedger(path: string): readonly LedgerLine[] {
  return readFileSync(path, "utf8")
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => LINE.parse(JSON.parse(line)));
}
