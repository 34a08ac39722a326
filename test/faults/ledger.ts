import { appendFileSync, readFileSync } from "node:fs";
import { z } from "zod";

const LINE = z.object({
  at: z.number(),
  /** Id of the resource. */
  id: z.string(),
  what: z.enum(["begun", "done", "undone"]),
  step: z.string(),
  key: z.string(),
  attempt: z.number(),
});

/** The log of effects, written by the work itself: one line for each begin and end, in order. */
export type LedgerLine = z.infer<typeof LINE>;

/** Appends a line. The file survives the process, so lines written before a SIGKILL are kept. */
export function note(path: string, line: LedgerLine): void {
  appendFileSync(path, `${JSON.stringify(line)}\n`);
}

export function readLedger(path: string): readonly LedgerLine[] {
  return readFileSync(path, "utf8")
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => LINE.parse(JSON.parse(line)));
}
