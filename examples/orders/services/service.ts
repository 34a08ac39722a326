import { DatabaseSync } from "node:sqlite";
import { setTimeout as sleep } from "node:timers/promises";
import { z } from "zod";
import { PACE } from "../../demo.ts";
import type { Post } from "./post.ts";
import type { Trade } from "./trades.ts";

/** A row is a charge, a pick or a parcel, and once `undone` its refund, return or recall. Each change is one atomic statement. */
const TABLE = `
  PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;
  CREATE TABLE IF NOT EXISTS requests (
    key TEXT PRIMARY KEY, "order" TEXT, request TEXT, reply TEXT, posted INTEGER NOT NULL DEFAULT 0,
    state TEXT NOT NULL CHECK (state IN ('pending', 'done', 'refused', 'undone'))) STRICT;`;
const INSERT_REQUEST = `INSERT INTO requests (key, "order", request, state) VALUES (?, ?, ?, 'pending') ON CONFLICT DO NOTHING`;
const UNDO_REQUEST =
  "INSERT INTO requests (key, state) VALUES (?, 'undone') ON CONFLICT DO UPDATE SET state = 'undone'";
const SET_REPLY = "UPDATE requests SET state = ?, reply = ? WHERE key = ?";
const UNPOSTED = "SELECT * FROM requests WHERE posted = 0 AND state != 'undone'";

const row = z.object({ order: z.string(), request: z.string(), reply: z.string().nullable() });
const RETRY_MS = 500;

/** Opens the database of a service, and resumes interrupted requests. */
export function openService<Request extends z.ZodType>(trade: Trade<Request>, path: string, post: Post) {
  const books = new DatabaseSync(path);
  books.exec(TABLE);

  /** Performs a request, and posts its reply until it is accepted. */
  const resume = async (key: string): Promise<void> => {
    await sleep(trade.durationMs * PACE);
    const pending = books.prepare(`${UNPOSTED} AND key = ?`).get(key);
    if (pending === undefined) return;
    const { order, request, reply: stored } = row.parse(pending);
    const reply = stored ?? perform(key, order, trade.request.parse(JSON.parse(request)));
    while (!(await post(key, order, reply))) await sleep(RETRY_MS);
    books.prepare("UPDATE requests SET posted = 1 WHERE key = ?").run(key);
  };

  const perform = (key: string, order: string, request: z.output<Request>): string => {
    const outcome = trade.perform(request, order, books);
    const reply = JSON.stringify({ key, ...outcome });
    books.prepare(SET_REPLY).run("done" in outcome ? "done" : "refused", reply, key);
    return reply;
  };

  for (const { key } of books.prepare(UNPOSTED).all()) void resume(String(key));
  return {
    /** Accepts a request. A known key, even an undone one, changes nothing. */
    request(key: string, orderRequest: { readonly order: string; readonly request: unknown }): void {
      const request = JSON.stringify(trade.request.parse(orderRequest.request));
      if (books.prepare(INSERT_REQUEST).run(key, orderRequest.order, request).changes > 0) void resume(key);
    },
    /** Undoes the request with a key, and rejects a later request with the same key. */
    undo(key: string): void {
      books.prepare(UNDO_REQUEST).run(key);
    },
  };
}
