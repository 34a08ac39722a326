import type { ReactNode } from "react";
import type { Heard } from "../api/resources.ts";
import { useNow } from "./now.ts";
import { remainingText } from "./text.ts";

/** The time remaining, counted down from when it was heard. */
export function Remaining({
  item,
}: {
  readonly item: Pick<Heard, "remainingMs" | "heardAt" | "operation">;
}): ReactNode {
  useNow();
  // Nobody knows when a message will come.
  if (item.remainingMs === undefined || item.operation.awaiting.length > 0) return null;
  return <span className="remaining">{remainingText(item.remainingMs - (performance.now() - item.heardAt))}</span>;
}
