import type { DatabaseSync } from "node:sqlite";
import type { IdempotentReply } from "../../core/change.ts";
import type { ReplyKey } from "../../core/store.ts";
import { fit, number, prepareRows, type RowValues, text } from "./values.ts";

const COLUMNS = ["principal", "key", "fingerprint", "at", "status", "location", "body"];

/** Reads the answer given to an Idempotency-Key before. */
export function createReplyReading(database: DatabaseSync): (key: ReplyKey) => IdempotentReply | undefined {
  const select = prepareRows(
    database,
    "select principal, key, fingerprint, status, location, body from replies where principal = ? and key = ?",
  );
  return ({ principal, key }) => {
    const row = select.get(principal, key);
    return row === undefined ? undefined : replyOf(row);
  };
}

/** Keeps the answer to an Idempotency-Key. */
export function createReplyWriting(database: DatabaseSync): (reply: IdempotentReply, at: number) => void {
  const insert = database.prepare(`insert into replies (${COLUMNS.join(", ")}) values (?, ?, ?, ?, ?, ?, ?)`);
  return ({ principal, key, fingerprint, status, location, body }, at) => {
    insert.run(
      ...fit([principal, key, fingerprint, at, status, location, body], (index) => `replies.${COLUMNS[index]}`),
    );
  };
}

function replyOf([principal, key, fingerprint, status, location, body]: RowValues): IdempotentReply {
  return {
    principal: text(principal),
    key: text(key),
    fingerprint: text(fingerprint),
    status: number(status),
    location: text(location),
    body: text(body),
  };
}
