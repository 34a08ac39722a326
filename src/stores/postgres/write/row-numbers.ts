import { escapeLiteral } from "pg";
import { number } from "../../values.ts";
import type { Session } from "../connection/connections.ts";
import { type Statement, tableName } from "../connection/statement.ts";

/** Ids for rows to be inserted. Unused ids are lost: they only need to be unique. */
export interface RowNumbers {
  /** Takes reserved ids. Returns undefined if too few are left. */
  take(count: number): readonly number[] | undefined;
  /** Draws ids from the sequence, and refills the reserve if few are left. */
  draw(session: Session, count: number): Promise<readonly number[]>;
  /** Discards the reserve: a copy, or a crash of the database, may have assigned the same ids again. */
  forget(): void;
}

/** Default number of ids reserved at once: enough for two large batches. */
const RESERVE_SIZE = 1000;

/** @param reserveSize 0 for no reserve */
export function createRowNumbers(schema: string, reserveSize = RESERVE_SIZE): RowNumbers {
  const next: Statement = {
    name: "number rows",
    text: `select nextval(${escapeLiteral(tableName(schema, "rows"))}) from generate_series(1, $1::integer)`,
  };
  let reserved: number[] = [];
  return {
    take: (count) => (count > reserved.length ? undefined : reserved.splice(0, count)),
    async draw(session, count) {
      const more = reserved.length < reserveSize / 2 ? reserveSize : 0;
      const drawn = (await session.run(next, [count + more])).map(([row]) => number(row));
      reserved.push(...drawn.slice(count));
      return drawn.slice(0, count);
    },
    forget() {
      reserved = [];
    },
  };
}
