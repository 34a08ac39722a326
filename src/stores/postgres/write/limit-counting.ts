import { escapeLiteral } from "pg";
import { number, text } from "../../values.ts";
import { LOCK_TIMEOUT_MS, type Session } from "../connection/connections.ts";
import { arrayOf, arraysOf, columnsOf, namesOf, type Statement, tableName, unnested } from "../connection/statement.ts";
import type { ReadSet } from "./read-set.ts";

const LIMIT = columnsOf({ name: "text", max_count: "bigint" });

type Counts = ReadonlyMap<string, number>;

/** Counts resources in progress up to a limit. Never reads more rows than the limit plus the size of the batch. */
export interface LimitCounting {
  /** Counts by type. Locks the types, so that the counts stay valid until the commit. */
  readonly ofTypes: (session: Session, readSet: ReadSet) => Promise<Counts>;
  /** Counts by owner. Locks nothing, so concurrent batches of one owner may exceed the limit by what they add. */
  readonly ofOwners: (session: Session, readSet: ReadSet) => Promise<Counts>;
}

/** @param isLocking false to count without locking the types */
export function createLimitCounting(schema: string, isLocking = true): LimitCounting {
  const table = tableName(schema, "resources");
  const countBy = (column: "type" | "owner"): Statement => ({
    name: `count in progress by ${column}`,
    text: `select w.name, (select count(*) from (
        select from ${table} r where r.${column} = w.name and r.next_deadline_at is not null limit w.max_count
      ) counted) from ${unnested(LIMIT)} w (${namesOf(LIMIT)})`,
  });
  const lockTypes: Statement = {
    name: "lock limited types",
    // Many nodes may queue for a type, and no transaction of the application locks one.
    text: `select set_config('lock_timeout', '0', true), pg_advisory_xact_lock(hashtext(${escapeLiteral(table)}), hash),
        set_config('lock_timeout', '${LOCK_TIMEOUT_MS}', true)
      from (select distinct hashtext(type) as hash from pg_catalog.unnest($1::text[]) type order by hash) hashes`,
  };
  const [countTypes, countOwners] = [countBy("type"), countBy("owner")];

  const count = async (session: Session, statement: Statement, limits: Counts, more: number): Promise<Counts> => {
    const maxCounts = [...limits].map(([name, limit]) => [name, limit + more]);
    const rows = await session.run(statement, arraysOf("limits", LIMIT, maxCounts));
    return new Map(rows.map(([name, inProgress]) => [text(name), number(inProgress)]));
  };

  return {
    async ofTypes(session, { limits, keys }) {
      if (limits.size === 0) return limits;
      const types = arrayOf("resources.type", "text", [...limits.keys()]);
      // Operations that the batch itself settles free capacity, so that many more rows are counted.
      const [, counts] = await Promise.all([
        isLocking ? session.run(lockTypes, [types]) : undefined,
        count(session, countTypes, limits, keys.length + 1),
      ]);
      return counts;
    },
    ofOwners: async (session, { ownerLimits, keys }) =>
      ownerLimits.size === 0 ? ownerLimits : count(session, countOwners, ownerLimits, keys.length + 1),
  };
}
