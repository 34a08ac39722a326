import { DefinitionError } from "../errors.ts";
import type { TypePolicy } from "../policy.ts";
import { positiveCount } from "./checks.ts";
import type { Turns } from "./declaration.ts";
import type { ResourceType } from "./resource-type.ts";

const PER_WORKER = 100;

/** The limits of a type on operations that run at once. */
type DeclaredConcurrency = Pick<ResourceType, "concurrency" | "turnOf"> & Pick<TypePolicy, "turnLimit">;

/** Checks the option `concurrency`, and fills in the defaults. @throws DefinitionError naming the field */
export function declaredConcurrency(path: string, declared: number | Turns<unknown> = PER_WORKER): DeclaredConcurrency {
  if (typeof declared !== "object" || declared === null) return { concurrency: positiveCount(declared, path) };
  const { per, limit, perWorker = PER_WORKER } = declared;
  if (typeof per !== "function") {
    throw new DefinitionError(`${path}.per: give a function that returns the key of an operation`);
  }
  return {
    concurrency: positiveCount(perWorker, `${path}.perWorker`),
    turnOf: per,
    turnLimit: positiveCount(limit, `${path}.limit`),
  };
}
