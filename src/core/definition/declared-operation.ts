import { DefinitionError } from "../errors.ts";
import { DEFAULT_POLICY, type OperationPolicy } from "../policy.ts";
import { positive, positiveCount } from "./checks.ts";
import type { OperationDeclaration, OperationOptions } from "./declaration.ts";
import type { DeclaredOperation, ErasedWork } from "./resource-type.ts";

/**
 * Checks what a type declares of one kind of operation, and fills in the defaults.
 *
 * @throws DefinitionError naming the field
 */
export function declaredOperation(
  type: string,
  kind: string,
  declared: OperationDeclaration<unknown> | undefined,
): DeclaredOperation {
  const place = `${type}: ${kind}`;
  if (typeof declared?.status !== "string" || declared.status === "") {
    throw new DefinitionError(
      `${place}.status: give the label to show while it is in progress, such as "Provisioning"`,
    );
  }
  const external = declared.external === true;
  const { work } = declared;
  if (external !== (work === undefined)) {
    throw new DefinitionError(`${place}: give either a work function or external: true`);
  }
  if (work === undefined) return { kind, policy: operationPolicy(place, declared, external) };
  if (!isWork(work)) throw new DefinitionError(`${place}.work: is not a function`);
  return { kind, policy: operationPolicy(place, declared, external), work };
}

/** What work is given and returns was checked by the compiler, and is validated at run time. */
function isWork(work: unknown): work is ErasedWork {
  return typeof work === "function";
}

function operationPolicy(place: string, declared: OperationOptions, external: boolean): OperationPolicy {
  const { retry = {}, undo = {} } = declared;
  const { attempts, backoff, lostWorkers, timeoutMs, deadlineMs } = DEFAULT_POLICY;
  return {
    status: declared.status,
    external,
    isolated: declared.isolation === "process",
    attempts: positiveCount(retry.attempts ?? attempts, `${place}.retry.attempts`),
    backoff: {
      initialMs: positive(retry.initialMs ?? backoff.initialMs, `${place}.retry.initialMs`),
      factor: positive(retry.factor ?? backoff.factor, `${place}.retry.factor`),
      maxMs: positive(retry.maxMs ?? backoff.maxMs, `${place}.retry.maxMs`),
    },
    lostWorkers: positiveCount(retry.lostWorkers ?? lostWorkers, `${place}.retry.lostWorkers`),
    timeoutMs: positive(declared.timeoutMs ?? timeoutMs, `${place}.timeoutMs`),
    deadlineMs: positive(declared.deadlineMs ?? deadlineMs, `${place}.deadlineMs`),
    undo: {
      attempts: positiveCount(undo.attempts ?? DEFAULT_POLICY.undo.attempts, `${place}.undo.attempts`),
      deadlineMs: positive(undo.deadlineMs ?? DEFAULT_POLICY.undo.deadlineMs, `${place}.undo.deadlineMs`),
    },
  };
}
