import { follow, type Snapshot } from "../../client/index.ts";
import { isJsonObject } from "../../core/json/json.ts";
import { NO_RESOURCE, type CheckContext, type RuleResults } from "./check-context.ts";
import { evaluateRule, skipped, type RuleResult } from "./rule-result.ts";

/** One 200 response received while following. */
interface Representation {
  readonly headers: Headers;
  readonly text: string;
}

/** Follows a resource until it settles, as clients do, and checks every response. */
export async function tryFollow(context: CheckContext, resource: string | undefined): Promise<RuleResults> {
  if (resource === undefined) {
    const rules = ["follow.status", "follow.pacing", "follow.settles", "follow.error"] as const;
    return { results: rules.map((rule) => skipped(rule, NO_RESOURCE)) };
  }
  const { representations, last, failure, durationMs } = await followToEnd(context, resource);
  const end = last?.settled === true ? `${last.status ?? "settled"} after ${formatSeconds(durationMs)}` : "";
  const results: RuleResult[] = [
    evaluateRule(
      "follow.status",
      firstError(representations, statusError),
      `${representations.length} responses, all with a status`,
    ),
    evaluateRule("follow.pacing", firstError(representations, pacingError), "Retry-After while in progress"),
    evaluateRule("follow.settles", last?.settled === true ? undefined : failure, end),
    evaluateRule(
      "follow.error",
      firstError(representations, errorFieldError),
      last?.error === undefined ? "no error, because it succeeded" : `error ${last.error.code}`,
    ),
  ];
  return { results, resource: last?.settled === true ? resource : undefined };
}

interface FollowResult {
  readonly representations: readonly Representation[];
  readonly last: Snapshot | undefined;
  /** Reason why following stopped early. */
  readonly failure: string;
  readonly durationMs: number;
}

async function followToEnd({ headers, timeoutMs }: CheckContext, resource: string): Promise<FollowResult> {
  const representations: Representation[] = [];
  const startedAt = performance.now();
  let last: Snapshot | undefined;
  let failure = "";
  const recordingFetch = async (request: Request): Promise<Response> => {
    const response = await fetch(request);
    if (response.status === 200) {
      representations.push({ headers: response.headers, text: await response.clone().text() });
    }
    return response;
  };
  try {
    for await (const state of follow(resource, { headers, timeoutMs, fetch: recordingFetch })) last = state;
  } catch (error) {
    failure = error instanceof Error ? error.message : String(error);
  }
  return { representations, last, failure, durationMs: performance.now() - startedAt };
}

/** Follows a resource until it settles. Resolves to undefined if it does not settle in time. */
export async function settledState(context: CheckContext, resource: string): Promise<Snapshot | undefined> {
  const { last } = await followToEnd(context, resource);
  return last?.settled === true ? last : undefined;
}

function firstError(
  representations: readonly Representation[],
  findError: (each: Representation) => string | undefined,
): string | undefined {
  if (representations.length === 0) return "no GET returned 200";
  for (const each of representations) {
    const error = findError(each);
    if (error !== undefined) return `${error}: ${each.text.slice(0, 200)}`;
  }
  return undefined;
}

function parseFields({ text }: Representation): { readonly [name: string]: unknown } | undefined {
  try {
    const body: unknown = JSON.parse(text);
    return isJsonObject(body) ? body : undefined;
  } catch {
    return undefined;
  }
}

function statusError(each: Representation): string | undefined {
  const fields = parseFields(each);
  if (fields === undefined) return "a response is not a JSON object";
  const { status } = fields;
  return typeof status === "string" && status !== "" ? undefined : "a response has no string in status";
}

function pacingError(each: Representation): string | undefined {
  const retryAfter = each.headers.get("retry-after");
  const { progress, estimatedTimeRemaining } = parseFields(each) ?? {};
  if (retryAfter === null) {
    const isInProgress = progress !== undefined || estimatedTimeRemaining !== undefined;
    return isInProgress ? "a response has progress or time remaining without Retry-After" : undefined;
  }
  if (/^\d+$/.test(retryAfter) || Number.isFinite(Date.parse(retryAfter))) return undefined;
  return `Retry-After is ${JSON.stringify(retryAfter)}, neither seconds nor a date`;
}

function errorFieldError(each: Representation): string | undefined {
  const { error } = parseFields(each) ?? {};
  if (error === undefined) return undefined;
  if (each.headers.has("retry-after")) return "a response has both error and Retry-After";
  if (isJsonObject(error) && typeof error["code"] === "string" && error["code"] !== "") return undefined;
  return "error has no string in code";
}

function formatSeconds(ms: number): string {
  return `${(ms / 1000).toFixed(1)} s`;
}
