import { escapeLiteral } from "pg";
import { number } from "../../values.ts";
import type { Session } from "../connection/connections.ts";
import { type Statement, tableName } from "../connection/statement.ts";

/** Numbers for rows to be made. One that is not used is lost: they only have to differ. */
export interface RowNumbers {
  /** Gives numbers that were drawn ahead; undefined where too few are left. */
  take(count: number): readonly number[] | undefined;
  /** Draws numbers, and where few are left ahead, more of them. */
  draw(session: Session, count: number): Promise<readonly number[]>;
  /** Forgets those drawn ahead: a copy, or a crash of the database, may have given the same to others. */
  forget(): void;
}

/** As many as two large batches take. */
const RESERVE_SIZE = 1000;

export function createRowNumbers(schema: string): RowNumbers {
  const next: Statement = {
    name: "number rows",
    text: `select nextval(${escapeLiteral(tableName(schema, "rows"))}) from generate_series(1, $1::integer)`,
  };
  let reserved: number[] = [];
  return {
    take: (count) => (count > reserved.length ? undefined : reserved.splice(0, count)),
    async draw(session, count) {
      const more = reserved.length < RESERVE_SIZE / 2 ? RESERVE_SIZE : 0;
      const drawn = (await session.run(next, [count + more])).map(([row]) => number(row));
      reserved.push(...drawn.slice(count));
      return drawn.slice(0, count);
    },
    forget() {
      reserved = [];
    },
  };
}
