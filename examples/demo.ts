import { mkdirSync } from "node:fs";
import { join } from "node:path";

/** Pretended durations are multiplied by it: 1 is the pace of real things, 0.01 a hundred times faster. */
export const PACE = Number(process.env["AFOOT_DEMO_PACE"] ?? 1);
if (!(PACE > 0)) throw new RangeError(`AFOOT_DEMO_PACE: ${process.env["AFOOT_DEMO_PACE"]} is not a number above zero`);

/** Where an example keeps what is its own; its resources are Afoot's. */
export const pathOf = (example: string): string => join(process.env["AFOOT_DEMO_DATA"] ?? "data", example);

/** The folder there. */
export function folderOf(example: string): string {
  const folder = pathOf(example);
  mkdirSync(folder, { recursive: true });
  return folder;
}
