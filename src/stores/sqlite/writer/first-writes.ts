import { StoreFullError } from "../../../core/errors.ts";
import { saveTypes } from "../reader/types.ts";
import type { Tables } from "../tables/tables.ts";
import type { Commit } from "./commit.ts";
import { type DiskSpace, tryWithReserve } from "./disk-space.ts";
import type { WriterSetup } from "./protocol.ts";
import { expireClaimsOfDeadProcess } from "./recover.ts";

/**
 * Creates the function that makes the first writes of a process. It returns by how many milliseconds they moved
 * instants, or undefined if the disk is full; then it must be called again before any other write.
 */
export function createFirstWrites(
  tables: Tables,
  commit: Commit,
  space: DiskSpace,
  { policies, at, holder }: WriterSetup,
): () => number | undefined {
  let movedMs: number | undefined;
  return () => {
    const isDone = tryWithReserve(space, () => {
      tables.meta.set("holder", holder);
      saveTypes(tables.database, policies);
      // First, because the expired claims get instants of the present clock.
      const [adjusted] = commit([{ call: "clock", reading: { at } }]);
      if (adjusted?.result === "full") throw new StoreFullError("The disk is full");
      // Added up, because a repeated reading moves nothing.
      movedMs = (movedMs ?? 0) + (adjusted?.result === "adjusted" ? adjusted.movedMs : 0);
      expireClaimsOfDeadProcess(tables, commit, at);
    });
    return isDone ? movedMs : undefined;
  };
}
