import { mkdirSync } from "node:fs";
import { join } from "node:path";

/** Factor for simulated durations: 1 is realistic, 0.01 a hundred times faster. */
export const PACE = Number(process.env["AFOOT_DEMO_PACE"] ?? 1);
if (!(PACE > 0)) {
  throw new RangeError(`AFOOT_DEMO_PACE: ${process.env["AFOOT_DEMO_PACE"]} is invalid; it must be a number above 0`);
}

/** Path of an example's own data. Its resources are in Afoot's store. */
export const pathOf = (example: string): string => join(process.env["AFOOT_DEMO_DATA"] ?? "data", example);

/** Creates the folder of an example's own data. */
export function folderOf(example: string): string {
  const folder = pathOf(example);
  mkdirSync(folder, { recursive: true });
  return folder;
}
