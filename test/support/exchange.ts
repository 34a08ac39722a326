import assert from "node:assert/strict";
import { parseObject } from "./json.ts";

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly body: Record<string, unknown>;
}

/** Longer than any answer may be held by these tests. */
const ANSWER_MS = 45_000;

/** Sends a JSON request and reads the JSON answer. An answer that does not come is a fault. */
export async function send(
  url: string,
  method: string,
  body?: unknown,
  headers: Record<string, string> = {},
): Promise<Answer> {
  const response = await fetch(url, {
    method,
    signal: AbortSignal.timeout(ANSWER_MS),
    headers: { ...(body === undefined ? {} : { "Content-Type": "application/json" }), ...headers },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const text = await response.text();
  return { status: response.status, headers: response.headers, body: text === "" ? {} : parseObject(text) };
}

/** Follows a resource by held GETs until it is settled; gives every representation on the way. */
export async function followed(url: string): Promise<readonly Answer[]> {
  const seen: Answer[] = [];
  let etag: string | undefined;
  for (;;) {
    const answer = await send(
      url,
      "GET",
      undefined,
      etag === undefined ? {} : { "If-None-Match": etag, Prefer: "wait=5" },
    );
    if (answer.status !== 304) {
      assert.equal(answer.status, 200, JSON.stringify(answer.body));
      seen.push(answer);
      etag = answer.headers.get("ETag") ?? undefined;
    }
    if (!answer.headers.has("Retry-After")) return seen;
  }
}
