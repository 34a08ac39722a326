import type { ErasedWork } from "../../core/definition/resource-type.ts";
import type { Report } from "../../core/work.ts";
import type { Attempt } from "../attempt/attempt.ts";
import type { Observed } from "../work/observed.ts";
import type { Receive } from "../work/receive.ts";
import type { Sleep } from "../work/sleep.ts";
import type { Step } from "../work/step.ts";
import type { Until } from "../work/until.ts";
import type { Decoded } from "./decode.ts";

/** What work can call. */
export interface Calls {
  readonly report: (report: Report<unknown>) => void;
  readonly step: Step;
  readonly sleep: Sleep;
  readonly until: Until;
  readonly receive: Receive;
  readonly observed: Observed;
}

type ErasedContext = Parameters<ErasedWork>[0];

/** What an attempt gives its work. */
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
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the types of calls are generic in what work gives them
  return context as ErasedContext;
}
