import assert from "node:assert/strict";
import { parseObject } from "./json.ts";

export interface JsonReply {
  readonly status: number;
  readonly headers: Headers;
  readonly body: Record<string, unknown>;
}

/** Longer than any long poll of these tests. */
const REQUEST_TIMEOUT_MS = 45_000;

/** Sends a JSON request and reads the JSON response. Throws if there is none in time. */
export async function send(
  url: string,
  method: string,
  body?: unknown,
  headers: Record<string, string> = {},
): Promise<JsonReply> {
  const response = await fetch(url, {
    method,
    signal: AbortSignal.timeout(REQUEST_TIMEOUT_MS),
    headers: { ...(body === undefined ? {} : { "Content-Type": "application/json" }), ...headers },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const text = await response.text();
  return { status: response.status, headers: response.headers, body: text === "" ? {} : parseObject(text) };
}

/** Follows a resource by long polls until it is settled. Returns every representation on the way. */
export async function followed(url: string): Promise<readonly JsonReply[]> {
  const responses: JsonReply[] = [];
  let etag: string | undefined;
  for (;;) {
    const reply = await send(
      url,
      "GET",
      undefined,
      etag === undefined ? {} : { "If-None-Match": etag, Prefer: "wait=5" },
    );
    if (reply.status !== 304) {
      assert.equal(reply.status, 200, JSON.stringify(reply.body));
      responses.push(reply);
      etag = reply.headers.get("ETag") ?? undefined;
    }
    if (!reply.headers.has("Retry-After")) return responses;
  }
}
