import type { IdempotentReply } from "../core/state-machine/change.ts";
import { type ColumnValue, number, type RowValues, text } from "./values.ts";

/** The columns of an answer to an Idempotency-Key but for its instant, in the order of {@link replyValues}. */
export const REPLY_COLUMNS = ["principal", "key", "fingerprint", "status", "location", "body"] as const;

export function replyValues({ principal, key, fingerprint, status, location, body }: IdempotentReply): ColumnValue[] {
  return [principal, key, fingerprint, status, location, body];
}

export function replyOf([principal, key, fingerprint, status, location, body]: RowValues): IdempotentReply {
  return {
    principal: text(principal),
    key: text(key),
    fingerprint: text(fingerprint),
    status: number(status),
    location: text(location),
    body: text(body),
  };
}
