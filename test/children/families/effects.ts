import { existsSync, readFileSync } from "node:fs";
import { z } from "zod";

const LINE = z.object({
  /** Id of the leaf. */
  id: z.string(),
  /** Its name, which begins with the id of the family. */
  name: z.string(),
  what: z.enum(["made", "gone"]),
});

/** One effect of a leaf. */
export type EffectLine = z.infer<typeof LINE>;

export function readEffects(path: string): readonly EffectLine[] {
  if (!existsSync(path)) return [];
  return readFileSync(path, "utf8")
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => LINE.parse(JSON.parse(line)));
}
