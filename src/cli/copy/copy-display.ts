import type { CopiedTable } from "../../stores/copying.ts";
import type { Output } from "../follow/display.ts";
import { bar, percent } from "../follow/text.ts";

/** Shows how far a copy is: to people at a terminal, and to nobody else. */
export interface CopyDisplay {
  readonly show: (table: CopiedTable, written: number) => void;
  readonly close: () => void;
}

const CLEAR_LINE = "\r\u001B[2K";
/** More often nobody can read. */
const EVERY_MS = 100;

export function copyDisplay(output: Output, tables: readonly CopiedTable[], now: () => number): CopyDisplay {
  if (output.isTTY !== true) return { show: () => {}, close: () => {} };
  const total = tables.reduce((sum, { rows }) => sum + rows, 0);
  const written = new Map<string, number>();
  let drawnAt = -EVERY_MS;
  return {
    show({ name }, rows) {
      written.set(name, rows);
      if (now() - drawnAt < EVERY_MS) return;
      drawnAt = now();
      const sum = written.values().reduce((before, each) => before + each, 0);
      const progress = total === 0 ? 1 : sum / total;
      output.write(
        `${CLEAR_LINE}${name}  ${bar(progress)}  ${percent(progress).padStart(4)}  ${counted(sum)} of ${counted(total)} rows`,
      );
    },
    close: () => void output.write(CLEAR_LINE),
  };
}

/** What was copied, a line for each table. */
export function copiedLines(tables: readonly CopiedTable[], inProgress: number): readonly string[] {
  const width = Math.max(...tables.map(({ rows }) => counted(rows).length));
  return tables.map(({ name, rows }) => {
    const more = name === "resources" ? ` (${counted(inProgress)} in progress)` : "";
    return `  ${counted(rows).padStart(width)} ${name}${more}`;
  });
}

function counted(count: number): string {
  return count.toLocaleString("en");
}
