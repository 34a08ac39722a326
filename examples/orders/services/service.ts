import { DatabaseSync } from "node:sqlite";
import { setTimeout as passes } from "node:timers/promises";
import { z } from "zod";
import { PACE } from "../../demo.ts";
import type { Post } from "./post.ts";
import type { Trade } from "./trades.ts";

/** A row is a charge, a pick or a parcel; `undone`, its refund, return or recall. It changes in one statement: no instant is a bad one. */
const TABLE = `
  PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;
  CREATE TABLE IF NOT EXISTS asked (
    key TEXT PRIMARY KEY, "order" TEXT, request TEXT, answer TEXT, told INTEGER NOT NULL DEFAULT 0,
    state TEXT NOT NULL CHECK (state IN ('asked', 'done', 'refused', 'undone'))) STRICT;`;
const ASK = `INSERT INTO asked (key, "order", request, state) VALUES (?, ?, ?, 'asked') ON CONFLICT DO NOTHING`;
const UNDO = "INSERT INTO asked (key, state) VALUES (?, 'undone') ON CONFLICT DO UPDATE SET state = 'undone'";
const ANSWER = "UPDATE asked SET state = ?, answer = ? WHERE key = ?";
const UNTOLD = "SELECT * FROM asked WHERE told = 0 AND state != 'undone'";

const row = z.object({ order: z.string(), request: z.string(), answer: z.string().nullable() });
const RETRY_MS = 500;

/** Opens the books of a service, and goes on with what it was killed in. */
export function openService<Request extends z.ZodType>(trade: Trade<Request>, path: string, post: Post) {
  const books = new DatabaseSync(path);
  books.exec(TABLE);

  /** Does what it is asked, and tells what came of it until it is heard. */
  const goOn = async (key: string): Promise<void> => {
    await passes(trade.durationMs * PACE);
    const left = books.prepare(`${UNTOLD} AND key = ?`).get(key);
    if (left === undefined) return;
    const { order, request, answer } = row.parse(left);
    const said = answer ?? perform(key, order, trade.request.parse(JSON.parse(request)));
    while (!(await post(key, order, said))) await passes(RETRY_MS);
    books.prepare("UPDATE asked SET told = 1 WHERE key = ?").run(key);
  };

  const perform = (key: string, order: string, request: z.output<Request>): string => {
    const answer = trade.perform(request, order, books);
    const said = JSON.stringify({ key, ...answer });
    books.prepare(ANSWER).run("done" in answer ? "done" : "refused", said, key);
    return said;
  };

  for (const { key } of books.prepare(UNTOLD).all()) void goOn(String(key));
  return {
    /** Takes a request on. A key that is known already, also an undone one, changes nothing. */
    ask(key: string, asked: { readonly order: string; readonly request: unknown }): void {
      const request = JSON.stringify(trade.request.parse(asked.request));
      if (books.prepare(ASK).run(key, asked.order, request).changes > 0) void goOn(key);
    },
    /** Takes back what was done for a key, if it was, and bars what may still be on its way. */
    undo(key: string): void {
      books.prepare(UNDO).run(key);
    },
  };
}
