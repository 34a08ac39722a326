import { DefinitionError } from "../errors.ts";
import { DEFAULT_POLICY, type OperationPolicy } from "../policy.ts";
import { positive, positiveCount } from "./checks.ts";
import type { OperationDeclaration, OperationOptions } from "./declaration.ts";
import type { DeclaredOperation, ErasedWork } from "./resource-type.ts";

/**
 * Checks the declaration of one kind of operation, and fills in the defaults.
 *
 * @throws DefinitionError naming the field
 */
export function declaredOperation(
  type: string,
  kind: string,
  declared: OperationDeclaration<unknown> | undefined,
): DeclaredOperation {
  const path = `${type}: ${kind}`;
  if (typeof declared?.status !== "string" || declared.status === "") {
    throw new DefinitionError(`${path}.status: give the label to show while it is in progress, such as "Provisioning"`);
  }
  const external = declared.external === true;
  const { work } = declared;
  if (!external && work === undefined) {
    throw new DefinitionError(`${path}: give a work function, or external: true, or both`);
  }
  const operation = { kind, policy: operationPolicy(path, declared, external), ...notesOf(declared) };
  if (work === undefined) return operation;
  if (!isWork(work)) throw new DefinitionError(`${path}.work: is not a function`);
  return { ...operation, work };
}

function notesOf({ description, mcp }: OperationOptions): Pick<DeclaredOperation, "description" | "mcp"> {
  return { ...(description === undefined ? {} : { description }), ...(mcp === undefined ? {} : { mcp }) };
}

/** The compiler has checked the parameter and the result of the work; both are validated at run time, too. */
export function isWork(work: unknown): work is ErasedWork {
  return typeof work === "function";
}

function operationPolicy(path: string, declared: OperationOptions, external: boolean): OperationPolicy {
  const { retry = {}, undo = {} } = declared;
  const { pausesMs } = retry;
  const { attempts, backoff, lostWorkers, timeoutMs, deadlineMs } = DEFAULT_POLICY;
  return {
    status: declared.status,
    external,
    isolated: declared.isolation === "process",
    attempts: positiveCount(
      retry.attempts ?? (pausesMs === undefined ? attempts : pausesMs.length + 1),
      `${path}.retry.attempts`,
    ),
    backoff: {
      initialMs: positive(retry.initialMs ?? backoff.initialMs, `${path}.retry.initialMs`),
      factor: positive(retry.factor ?? backoff.factor, `${path}.retry.factor`),
      maxMs: positive(retry.maxMs ?? backoff.maxMs, `${path}.retry.maxMs`),
      ...(pausesMs === undefined
        ? {}
        : { pausesMs: pausesMs.map((ms, index) => positive(ms, `${path}.retry.pausesMs[${index}]`)) }),
    },
    lostWorkers: positiveCount(retry.lostWorkers ?? lostWorkers, `${path}.retry.lostWorkers`),
    timeoutMs: positive(declared.timeoutMs ?? timeoutMs, `${path}.timeoutMs`),
    deadlineMs: positive(declared.deadlineMs ?? deadlineMs, `${path}.deadlineMs`),
    undo: {
      attempts: positiveCount(undo.attempts ?? DEFAULT_POLICY.undo.attempts, `${path}.undo.attempts`),
      deadlineMs: positive(undo.deadlineMs ?? DEFAULT_POLICY.undo.deadlineMs, `${path}.undo.deadlineMs`),
    },
  };
}
