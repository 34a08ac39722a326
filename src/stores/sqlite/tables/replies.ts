import type { DatabaseSync } from "node:sqlite";
import type { IdempotentReply } from "../../../core/change.ts";
import type { ReplyKey } from "../../../core/ports/store.ts";
import { REPLY_COLUMNS, replyOf, replyValues } from "../../rows.ts";
import { prepareInsert, prepareRows } from "../file/statement.ts";

/** Reads the stored reply of an Idempotency-Key. */
export function createReplyReading(database: DatabaseSync): (key: ReplyKey) => IdempotentReply | undefined {
  const select = prepareRows(
    database,
    `select ${REPLY_COLUMNS.join(", ")} from replies where principal = ? and key = ?`,
  );
  return ({ principal, key }) => {
    const row = select.get(principal, key);
    return row === undefined ? undefined : replyOf(row);
  };
}

/** Stores the reply of an Idempotency-Key. */
export function createReplyWriting(database: DatabaseSync): (reply: IdempotentReply, at: number) => void {
  const insert = prepareInsert(database, "replies", ["at", ...REPLY_COLUMNS]);
  return (reply, at) => insert(at, ...replyValues(reply));
}
