import { appendFileSync, readFileSync } from "node:fs";
import type { z } from "zod";

/** A file of JSON lines that processes of a test append to. It survives them: lines before a SIGKILL are kept. */
export interface LineLog<Line extends object> {
  readonly note: (path: string, line: Line) => void;
  /** Reads all lines in their order. @throws an error of the schema for any other line */
  readonly read: (path: string) => readonly Line[];
}

export function lineLog<Line extends object>(schema: z.ZodType<Line>): LineLog<Line> {
  return {
    note(path, line) {
      appendFileSync(path, `${JSON.stringify(line)}\n`);
    },
    read: (path) =>
      readFileSync(path, "utf8")
        .split("\n")
        .filter((line) => line !== "")
        .map((line) => schema.parse(JSON.parse(line))),
  };
}
