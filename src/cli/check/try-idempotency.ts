import { randomUUID } from "node:crypto";
import { isJsonObject } from "../../core/json/json.ts";
import { listOf } from "../../server/openapi/schemas/map-schema.ts";
import { resourceUrl, NOTHING_CREATED, type CheckContext, type RuleResults } from "./check-context.ts";
import { type Reply, describeReply } from "./probe.ts";
import { evaluateRule, notSupported, skipped } from "./rule-result.ts";

/** Repeats a POST with the same idempotency key, then reuses the key for another body. */
export async function tryIdempotency(context: CheckContext): Promise<RuleResults> {
  const { create } = context;
  if (create === undefined) {
    return { results: [skipped("idempotency.repeat", NOTHING_CREATED), skipped("idempotency.reuse", NOTHING_CREATED)] };
  }
  const headers = { "idempotency-key": `"${randomUUID()}"` };
  const post = async (body: unknown): Promise<Reply & { readonly resource: string | undefined }> => {
    const reply = await context.probe("POST", context.url, { json: body, headers });
    return { ...reply, resource: resourceUrl(context, reply.headers) };
  };
  const [first, second] = [await post(create.body), await post(create.body)];
  if (first.resource === undefined) {
    const reason = `POST with an Idempotency-Key returned ${describeReply(first)} without a Location`;
    return { results: [skipped("idempotency.repeat", reason), skipped("idempotency.reuse", reason)] };
  }
  if (second.resource !== undefined && first.resource !== second.resource) {
    const actual =
      "the same key and body created two resources; a client that retries a POST after a lost response creates a duplicate";
    return { results: [notSupported("idempotency.repeat", actual), notSupported("idempotency.reuse", actual)] };
  }
  const isSame = first.status === second.status && first.text === second.text && second.resource !== undefined;
  const repeatResult = evaluateRule(
    "idempotency.repeat",
    isSame ? undefined : `the first POST returned ${describeReply(first)}, the second ${describeReply(second)}`,
    `${first.status} twice, one resource`,
  );
  const other = await post(differentBody(create.body));
  const isRejected = other.status >= 400 && other.status < 500;
  return {
    results: [
      repeatResult,
      evaluateRule(
        "idempotency.reuse",
        isRejected ? undefined : `POST with the same key and another body returned ${describeReply(other)}`,
        describeReply(other),
      ),
    ],
  };
}

/** Returns a copy of a body that differs in one value. */
function differentBody(body: unknown): unknown {
  if (typeof body === "string") return `${body} 2`;
  if (typeof body === "number") return body + 1;
  if (typeof body === "boolean") return !body;
  if (Array.isArray(body)) return [...listOf(body), null];
  if (!isJsonObject(body)) return {};
  const [first, ...rest] = Object.entries(body);
  return first === undefined ? { another: true } : Object.fromEntries([[first[0], differentBody(first[1])], ...rest]);
}
