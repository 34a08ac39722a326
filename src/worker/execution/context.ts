import type { ErasedWork, ResourceType } from "../../core/definition/resource-type.ts";
import { isJsonObject } from "../../core/json/json.ts";
import type { Grant } from "../../core/ports/messages.ts";
import { decodePrincipal, type Principal } from "../../core/principal.ts";
import type { Report } from "../../core/work.ts";
import type { Attempt } from "../attempt/attempt.ts";
import type { ChildCalls } from "../children/child-calls.ts";
import type { Observed } from "../work/observed.ts";
import type { Receive } from "../work/receive.ts";
import type { Sleep } from "../work/sleep.ts";
import type { Step } from "../work/step.ts";
import type { Until } from "../work/until.ts";

/** The functions that the work can call. */
export interface Calls extends ChildCalls {
  readonly report: (report: Report<unknown>) => void;
  readonly step: Step;
  readonly sleep: Sleep;
  readonly until: Until;
  readonly receive: Receive;
  readonly observed: Observed;
}

type ErasedContext = Parameters<ErasedWork>[0];

/** Creates the context passed to the work. */
export function createContext(attempt: Attempt, decoded: Decoded, calls: Calls): ErasedContext {
  const { id, operation, kind, attempt: number } = attempt.grant;
  const context = {
    id,
    operation: { id: operation, kind },
    attempt: number,
    ...decoded,
    signal: attempt.signal,
    ...calls,
  };
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the types of calls are generic in the arguments of the work
  return context as ErasedContext;
}

/** The decoded JSON values of a grant. */
export interface Decoded {
  readonly configuration: unknown;
  readonly previousConfiguration: unknown;
  readonly details: Readonly<Record<string, unknown>>;
  readonly input: unknown;
  readonly owner: string | undefined;
  readonly principal: Principal | undefined;
}

/**
 * Decodes the JSON of a grant and migrates it to the current schema version, because a server of an older version grants rows of its
 * own schema version. Throws the errors of `migrate`.
 */
export function decode({ migrate }: ResourceType, grant: Grant): Decoded {
  const stored = { configuration: parse(grant.configuration), details: parse(grant.details) };
  const { configuration, details } = migrate?.(stored) ?? stored;
  const previous = parse(grant.previousConfiguration);
  return {
    configuration,
    previousConfiguration:
      migrate === undefined || previous === undefined
        ? previous
        : migrate({ ...stored, configuration: previous }).configuration,
    details: isJsonObject(details) ? details : {},
    input: parse(grant.input),
    owner: grant.owner,
    principal: grant.principal === undefined ? undefined : decodePrincipal(grant.principal),
  };
}

function parse(text: string | null): unknown {
  return text === null ? undefined : JSON.parse(text);
}
