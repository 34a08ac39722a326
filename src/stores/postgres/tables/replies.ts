import type { IdempotentReply } from "../../../core/change.ts";
import type { ReplyKey } from "../../../core/ports/store.ts";
import { REPLY_COLUMNS, replyOf, replyValues } from "../../rows.ts";
import type { Session } from "../connection/connections.ts";
import { arraysOf, columnsOf, namesOf, type Statement, tableName, unnested } from "../connection/statement.ts";
import type { PendingWrites } from "./unit-of-work.ts";

const COLUMNS = columnsOf({
  principal: "text",
  key: "text",
  fingerprint: "text",
  status: "integer",
  location: "text",
  body: "text",
  at: "bigint",
});

/** Stored replies of Idempotency-Keys. */
export interface Replies {
  write(session: Session, writes: PendingWrites): Promise<unknown>[];
  /** Reads the existing replies, in any order. */
  read(session: Session, keys: readonly ReplyKey[]): Promise<readonly IdempotentReply[]>;
}

export function createReplies(schema: string): Replies {
  const table = tableName(schema, "replies");
  const insert: Statement = {
    name: "insert replies",
    // Sorted, so that all nodes lock the same keys in the same order and never deadlock.
    text: `insert into ${table} (${namesOf(COLUMNS)}) select * from ${unnested(COLUMNS)} v (${namesOf(COLUMNS)})
      order by v.principal collate "C", v.key collate "C"`,
  };
  const keyed = COLUMNS.slice(0, 2);
  const select: Statement = {
    name: "select replies",
    text: `select ${REPLY_COLUMNS.map((column) => `c.${column}`).join(", ")} from ${unnested(keyed)} w (${namesOf(keyed)})
      join ${table} c on c.principal = w.principal and c.key = w.key`,
  };
  return {
    write(session, { replies }) {
      if (replies.length === 0) return [];
      const rows = replies.map(([reply, at]) => [...replyValues(reply), at]);
      return [session.run(insert, arraysOf("replies", COLUMNS, rows))];
    },
    async read(session, keys) {
      if (keys.length === 0) return [];
      const rows = keys.map(({ principal, key }) => [principal, key]);
      return (await session.run(select, arraysOf("replies", keyed, rows))).map(replyOf);
    },
  };
}
