import type { Change } from "../../../core/change.ts";
import { StaleClockError } from "../../../core/errors.ts";
import { number } from "../../values.ts";
import type { Session } from "../connection/connections.ts";
import type { Statement } from "../connection/statement.ts";

/** The instant of the database's clock, in milliseconds. */
export const NOW = "(extract(epoch from clock_timestamp()) * 1000)::bigint";

export const SELECT_NOW: Statement = { name: "select now", text: `select ${NOW}` };

/** Compares the instants of changes with the database's clock. @throws StaleClockError */
export async function checkClock(session: Session, changes: readonly Change[], maxClockDriftMs: number): Promise<void> {
  if (maxClockDriftMs === Infinity) return;
  const [row] = await session.run(SELECT_NOW);
  if (Math.abs(latestOf(changes) - number(row?.[0])) > maxClockDriftMs) throw new StaleClockError();
}

export function latestOf(changes: readonly Change[]): number {
  return changes.reduce((latest, { at }) => Math.max(latest, at), Number.NEGATIVE_INFINITY);
}
