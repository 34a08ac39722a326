import type { CopiedTable } from "../../stores/copying.ts";
import type { Output } from "../follow/display.ts";
import { bar, percent } from "../follow/text.ts";

/** Shows the progress of a copy on a terminal. */
export interface CopyDisplay {
  readonly show: (table: CopiedTable, written: number) => void;
  readonly close: () => void;
}

const CLEAR_LINE = "\r\u001B[2K";
/** Minimum interval between two redraws. */
const DRAW_INTERVAL_MS = 100;

export function copyDisplay(output: Output, tables: readonly CopiedTable[], now: () => number): CopyDisplay {
  if (output.isTTY !== true) return { show: () => {}, close: () => {} };
  const total = tables.reduce((sum, { rows }) => sum + rows, 0);
  const written = new Map<string, number>();
  let drawnAt = -DRAW_INTERVAL_MS;
  return {
    show({ name }, rows) {
      written.set(name, rows);
      if (now() - drawnAt < DRAW_INTERVAL_MS) return;
      drawnAt = now();
      const sum = written.values().reduce((subtotal, each) => subtotal + each, 0);
      const progress = total === 0 ? 1 : sum / total;
      output.write(
        `${CLEAR_LINE}${name}  ${bar(progress)}  ${percent(progress).padStart(4)}  ${formatCount(sum)} of ${formatCount(total)} rows`,
      );
    },
    close: () => void output.write(CLEAR_LINE),
  };
}

/** Returns one line for each copied table. */
export function copiedLines(tables: readonly CopiedTable[], inProgress: number): readonly string[] {
  const width = Math.max(...tables.map(({ rows }) => formatCount(rows).length));
  return tables.map(({ name, rows }) => {
    const inProgressText = name === "resources" ? ` (${formatCount(inProgress)} in progress)` : "";
    return `  ${formatCount(rows).padStart(width)} ${name}${inProgressText}`;
  });
}

function formatCount(count: number): string {
  return count.toLocaleString("en");
}
