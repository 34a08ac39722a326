import type { Probe } from "./probe.ts";
import type { RuleResult } from "./rule-result.ts";

/** The API under test, and how to send requests to it. */
export interface CheckContext {
  /** URL of the collection. Without `create`, URL of a resource. */
  readonly url: string;
  /** The request that creates a resource. */
  readonly create: CreateRequest | undefined;
  readonly headers: Headers;
  readonly timeoutMs: number;
  readonly probe: Probe;
  /** URLs of created resources. The check deletes them at its end. */
  readonly created: Set<string>;
}

export interface CreateRequest {
  readonly body: unknown;
}

/** Results of some rules, and the input for the next ones. */
export interface RuleResults {
  readonly results: readonly RuleResult[];
  /** The resource that was created or followed. */
  readonly resource?: string | undefined;
}

export const NOTHING_CREATED = "needs a resource to create; pass --create JSON";
export const NO_RESOURCE = "there is no resource to check";

/** Resolves `Location` to an absolute URL. Rejects other origins, because requests may carry credentials. */
export function resourceUrl(context: CheckContext, headers: Headers): string | undefined {
  const location = headers.get("location");
  const url = location === null ? null : URL.parse(location, context.url);
  if (url === null || url.origin !== new URL(context.url).origin) return undefined;
  context.created.add(url.href);
  return url.href;
}
