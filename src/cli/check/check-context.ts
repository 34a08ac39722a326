import type { Probe } from "./probe.ts";
import type { Verdict } from "./rule-result.ts";

/** What is tried, and with what. */
export interface Trial {
  /** The collection, or, where nothing is to be created, a resource. */
  readonly url: string;
  /** What creates a resource. */
  readonly create: Creation | undefined;
  readonly headers: Headers;
  readonly timeoutMs: number;
  readonly probe: Probe;
  /** The URLs of what was created, to be deleted in the end. */
  readonly created: Set<string>;
}

export interface Creation {
  readonly body: unknown;
}

/** Some rules tried, and what further ones need to know. */
export interface Tried {
  readonly verdicts: readonly Verdict[];
  /** The resource that was created or followed. */
  readonly resource?: string | undefined;
}

export const NO_CREATION = "nothing was to be created; give --create JSON";
export const NO_RESOURCE = "there is no resource to try it on";

/** The absolute URL that `Location` names; none of another origin, for what is sent there may hold credentials. */
export function located(trial: Trial, headers: Headers): string | undefined {
  const location = headers.get("location");
  const url = location === null ? null : URL.parse(location, trial.url);
  if (url === null || url.origin !== new URL(trial.url).origin) return undefined;
  trial.created.add(url.href);
  return url.href;
}
