import type { Change } from "../../../core/change.ts";
import { number, text } from "../../values.ts";
import type { Parameter, Session } from "../connection/connections.ts";
import { arraysOf, columnsOf, namesOf, type Statement, tableName, unnested } from "../connection/statement.ts";

/** The slots of a type: the operations of these kinds compete for those that remain free. */
const SLOTS = columnsOf({ type: "text", kind: "text", free: "bigint" });

/** Counts the operations that are due before those of a batch, which workers claim with their acceptance. */
export interface DueCounting {
  /** Returns the counts by type. Never reads more rows than there are free slots, plus one. */
  count(session: Session, changes: readonly Change[]): Promise<ReadonlyMap<string, number>>;
}

export function createDueCounting(schema: string): DueCounting {
  const statement: Statement = {
    name: "count due",
    text: `select w.type, (select count(*) from (${dueOf(schema)}) due) from ${unnested(SLOTS)} w (${namesOf(SLOTS)})`,
  };
  return {
    async count(session, changes) {
      const slots = slotsOf(changes);
      const counts = new Map<string, number>();
      if (slots === undefined) return counts;
      for (const [type, count] of await session.run(statement, slots)) {
        counts.set(text(type), (counts.get(text(type)) ?? 0) + number(count));
      }
      return counts;
    },
  };
}

/** Returns the query of the types for which more operations are due than slots remain free. */
export function exceededSlots(schema: string, first: number): string {
  return `select from ${unnested(SLOTS, first)} w (${namesOf(SLOTS)}) cross join lateral (${dueOf(schema, first)}) due
    group by w.type, w.free having count(*) > w.free`;
}

function dueOf(schema: string, first = 1): string {
  return `select from ${tableName(schema, "resources")} r
    where r.type = w.type and r.kind = w.kind and r.due_at <= $${first + SLOTS.length} limit w.free + 1`;
}

/** Returns the parameters of the statements: the slots of the claims of a batch. Undefined if there is no claim. */
export function slotsOf(changes: readonly Change[]): Parameter[] | undefined {
  const free = new Map<string, readonly [type: string, kind: string, free: number]>();
  let at = 0;
  for (const change of changes) {
    if (change.change !== "accept" || change.claim === undefined) continue;
    at = Math.max(at, change.at);
    const { type } = change.key;
    for (const kind of change.claim.kinds) {
      const known = free.get(`${type}\0${kind}`)?.[2] ?? Infinity;
      free.set(`${type}\0${kind}`, [type, kind, Math.min(known, change.claim.free)]);
    }
  }
  return free.size === 0 ? undefined : [...arraysOf("due", SLOTS, [...free.values()]), at];
}

/** Leaves the operations of a batch to later claims. */
export function withoutClaims(changes: readonly Change[]): readonly Change[] {
  return changes.map((change) => {
    if (change.change !== "accept" || change.claim === undefined) return change;
    const { claim: _claim, ...accept } = change;
    return accept;
  });
}
