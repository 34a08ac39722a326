import { randomUUID } from "node:crypto";
import { isJsonObject } from "../../core/json/json.ts";
import { listOf } from "../../server/openapi/schemas/map-schema.ts";
import { located, NO_CREATION, type Trial, type Tried } from "./check-context.ts";
import { type Reply, told } from "./probe.ts";
import { judged, notOffered, notTried } from "./rule-result.ts";

/** Repeats a POST under one key, and uses the key for another one. */
export async function tryIdempotency(trial: Trial): Promise<Tried> {
  const { create } = trial;
  if (create === undefined) {
    return { verdicts: [notTried("idempotency.repeat", NO_CREATION), notTried("idempotency.reuse", NO_CREATION)] };
  }
  const headers = { "idempotency-key": `"${randomUUID()}"` };
  const post = async (body: unknown): Promise<Reply & { readonly resource: string | undefined }> => {
    const reply = await trial.probe("POST", trial.url, { json: body, headers });
    return { ...reply, resource: located(trial, reply.headers) };
  };
  const [first, second] = [await post(create.body), await post(create.body)];
  if (first.resource === undefined) {
    const why = `POST with an Idempotency-Key is ${told(first)}, and names no resource`;
    return { verdicts: [notTried("idempotency.repeat", why), notTried("idempotency.reuse", why)] };
  }
  if (second.resource !== undefined && first.resource !== second.resource) {
    const seen =
      "the same key and body created two resources: a client that repeats a POST after a lost answer creates another one";
    return { verdicts: [notOffered("idempotency.repeat", seen), notOffered("idempotency.reuse", seen)] };
  }
  const isSame = first.status === second.status && first.text === second.text && second.resource !== undefined;
  const repeated = judged(
    "idempotency.repeat",
    isSame ? undefined : `first ${told(first)}, then ${told(second)}`,
    `twice ${first.status}, one resource`,
  );
  const other = await post(another(create.body));
  const isRefused = other.status >= 400 && other.status < 500;
  return {
    verdicts: [
      repeated,
      judged(
        "idempotency.reuse",
        isRefused ? undefined : `another body under the same key is ${told(other)}`,
        told(other),
      ),
    ],
  };
}

/** The same body but for one text or number in it. */
function another(body: unknown): unknown {
  if (typeof body === "string") return `${body} 2`;
  if (typeof body === "number") return body + 1;
  if (typeof body === "boolean") return !body;
  if (Array.isArray(body)) return [...listOf(body), null];
  if (!isJsonObject(body)) return {};
  const [first, ...rest] = Object.entries(body);
  return first === undefined ? { another: true } : Object.fromEntries([[first[0], another(first[1])], ...rest]);
}
