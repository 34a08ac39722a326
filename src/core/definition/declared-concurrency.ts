import { DefinitionError } from "../errors.ts";
import { positiveCount } from "./checks.ts";
import type { Turns } from "./declaration.ts";
import type { TurnOf } from "./resource-type.ts";

const PER_WORKER = 100;

/** The limits of a type on operations that run at once. */
export interface DeclaredConcurrency {
  /** Maximum number of operations that one worker runs at once. */
  readonly perWorker: number;
  readonly turnOf?: TurnOf;
  /** Maximum number of claimed operations with the same turn. */
  readonly turnLimit?: number;
}

/** Checks the option `concurrency`, and fills in the defaults. @throws DefinitionError naming the field */
export function declaredConcurrency(path: string, declared: number | Turns<unknown> = PER_WORKER): DeclaredConcurrency {
  if (typeof declared !== "object" || declared === null) return { perWorker: positiveCount(declared, path) };
  const { per, limit, perWorker = PER_WORKER } = declared;
  if (typeof per !== "function") {
    throw new DefinitionError(`${path}.per: give a function that returns the key of an operation`);
  }
  return {
    perWorker: positiveCount(perWorker, `${path}.perWorker`),
    turnOf: per,
    turnLimit: positiveCount(limit, `${path}.limit`),
  };
}
