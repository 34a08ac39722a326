import { follow, type Snapshot } from "../../client/index.ts";
import { isJsonObject } from "../../core/json/json.ts";
import { NO_RESOURCE, type Trial, type Tried } from "./check-context.ts";
import { judged, notTried, type Verdict } from "./rule-result.ts";

/** One answer on the way. */
interface Seen {
  readonly headers: Headers;
  readonly text: string;
}

/** Follows a resource to its end as clients do, and looks at every answer on the way. */
export async function tryFollow(trial: Trial, resource: string | undefined): Promise<Tried> {
  if (resource === undefined) {
    const rules = ["follow.status", "follow.pacing", "follow.settles", "follow.error"] as const;
    return { verdicts: rules.map((rule) => notTried(rule, NO_RESOURCE)) };
  }
  const { seen, last, trouble, tookMs } = await followed(trial, resource);
  const end = last?.settled === true ? `${last.status ?? "settled"} after ${seconds(tookMs)}` : "";
  const verdicts: Verdict[] = [
    judged("follow.status", firstFault(seen, statusFault), `${seen.length} answers, each with a status`),
    judged("follow.pacing", firstFault(seen, pacingFault), "Retry-After as long as it was in progress"),
    judged("follow.settles", last?.settled === true ? undefined : trouble, end),
    judged(
      "follow.error",
      firstFault(seen, errorFault),
      last?.error === undefined ? "no error, for it succeeded" : `error ${last.error.code}`,
    ),
  ];
  return { verdicts, resource: last?.settled === true ? resource : undefined };
}

interface Followed {
  readonly seen: readonly Seen[];
  readonly last: Snapshot | undefined;
  /** Why it was not followed to the end. */
  readonly trouble: string;
  readonly tookMs: number;
}

async function followed({ headers, timeoutMs }: Trial, resource: string): Promise<Followed> {
  const seen: Seen[] = [];
  const startedAt = performance.now();
  let last: Snapshot | undefined;
  let trouble = "";
  const recorded = async (request: Request): Promise<Response> => {
    const response = await fetch(request);
    if (response.status === 200) seen.push({ headers: response.headers, text: await response.clone().text() });
    return response;
  };
  try {
    for await (const state of follow(resource, { headers, timeoutMs, fetch: recorded })) last = state;
  } catch (error) {
    trouble = error instanceof Error ? error.message : String(error);
  }
  return { seen, last, trouble, tookMs: performance.now() - startedAt };
}

/** Follows a resource to its end; undefined where that does not come in time. */
export async function endOf(trial: Trial, resource: string): Promise<Snapshot | undefined> {
  const { last } = await followed(trial, resource);
  return last?.settled === true ? last : undefined;
}

function firstFault(seen: readonly Seen[], faultOf: (each: Seen) => string | undefined): string | undefined {
  if (seen.length === 0) return "no GET was answered 200";
  for (const each of seen) {
    const fault = faultOf(each);
    if (fault !== undefined) return `${fault}: ${each.text.slice(0, 200)}`;
  }
  return undefined;
}

function fieldsOf({ text }: Seen): { readonly [name: string]: unknown } | undefined {
  try {
    const body: unknown = JSON.parse(text);
    return isJsonObject(body) ? body : undefined;
  } catch {
    return undefined;
  }
}

function statusFault(each: Seen): string | undefined {
  const fields = fieldsOf(each);
  if (fields === undefined) return "an answer is no JSON object";
  const { status } = fields;
  return typeof status === "string" && status !== "" ? undefined : "an answer has no text in status";
}

function pacingFault(each: Seen): string | undefined {
  const retryAfter = each.headers.get("retry-after");
  const { progress, estimatedTimeRemaining } = fieldsOf(each) ?? {};
  if (retryAfter === null) {
    const shown = progress !== undefined || estimatedTimeRemaining !== undefined;
    return shown ? "an answer shows progress or time remaining without Retry-After" : undefined;
  }
  if (/^\d+$/.test(retryAfter) || Number.isFinite(Date.parse(retryAfter))) return undefined;
  return `Retry-After is ${JSON.stringify(retryAfter)}, neither seconds nor a date`;
}

function errorFault(each: Seen): string | undefined {
  const { error } = fieldsOf(each) ?? {};
  if (error === undefined) return undefined;
  if (each.headers.has("retry-after")) return "an answer has both error and Retry-After";
  if (isJsonObject(error) && typeof error["code"] === "string" && error["code"] !== "") return undefined;
  return "error has no text in code";
}

function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(1)} s`;
}
