import { isWork } from "../core/definition/declared-operation.ts";
import type { ErasedWork, ResourceType } from "../core/definition/resource-type.ts";

/** The context of any work. */
export type Context = Parameters<ErasedWork>[0];

/** A function that work passes to a call. */
export interface WorkFunctionCall {
  readonly step: string;
  readonly kind: "step" | "undo" | "check";
}

type Wrap = <Run, Result>(
  call: WorkFunctionCall,
  run: (run: Run) => Result | Promise<Result>,
) => (run: Run) => Promise<Result>;

/**
 * Returns the type with work that gets another context.
 *
 * @param run runs the work. Default: it is called directly
 */
export function withContext(
  type: ResourceType,
  wrap: (context: Context) => Context,
  run: (work: () => unknown) => unknown = (work) => work(),
): ResourceType {
  const operations = [...type.operations].map(([kind, operation]) => {
    const { work } = operation;
    if (!isWork(work)) return [kind, operation] as const;
    return [kind, { ...operation, work: (context: Context) => run(() => work(wrap(context))) }] as const;
  });
  return { ...type, operations: new Map(operations) };
}

/** Returns the context with calls that run wrapped functions: those of steps, their undos, and the checks of `until`. */
export function withFunctions(context: Context, wrap: Wrap): Context {
  return {
    ...context,
    step: (step, run, options = {}) => {
      const { undo } = options;
      return context.step(step, wrap({ step, kind: "step" }, run), {
        ...options,
        ...(undo === undefined ? {} : { undo: wrap({ step, kind: "undo" }, undo) }),
      });
    },
    until: (step: string, check: Parameters<Context["until"]>[1], options: object = {}) =>
      context.until(step, wrap({ step, kind: "check" }, check), options),
  };
}
