import { appendFileSync, readFileSync } from "node:fs";

/** What work did for real, written by the work itself: one line for each beginning and end, in the order in which it happened. */
export interface LedgerLine {
  readonly at: number;
  /** The resource's id. */
  readonly id: string;
  readonly what: "begun" | "done" | "undone";
  readonly step: string;
  readonly key: string;
  readonly attempt: number;
}

/** Appends a line. The file outlives the process, so what was written before a SIGKILL is there. */
export function note(path: string, line: LedgerLine): void {
  appendFileSync(path, `${JSON.stringify(line)}\n`);
}

export function readLedger(path: string): readonly LedgerLine[] {
  return readFileSync(path, "utf8")
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => JSON.parse(line));
}
