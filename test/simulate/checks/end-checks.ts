import { isInProgress } from "../../../src/core/operation.ts";
import type { Ledger } from "../clients/ledger.ts";
import type { MemoryDatabase } from "../store/database.ts";
import type { RowChecks } from "./row-checks.ts";
import type { Violations } from "./violations.ts";

export interface EndParts {
  readonly database: MemoryDatabase;
  readonly violations: Violations;
  readonly rows: RowChecks;
  readonly ledger: Ledger;
}

/** Checks the state after the last fault. */
export function checkEnd({ database, violations, rows, ledger }: EndParts): void {
  for (const { resource } of database.unsettled) {
    if (resource === undefined) continue;
    const { type, id, operation } = resource;
    violations.check(
      !isInProgress(operation),
      "every operation settles by its deadline plus undo",
      () => `${type}/${id} ${operation.kind} ${operation.state}`,
    );
  }
  for (const operation of ledger.operations) {
    violations.check(rows.settled.has(operation), "an accepted operation has an outcome", () => operation);
  }
  for (const [key, { type, id, metadata }] of ledger.accepted) {
    const resource = database.read({ type, id });
    violations.check(resource !== undefined, "nothing accepted is lost", () => key);
    if (resource === undefined || resource.deletedAt !== null) continue;
    const stored = JSON.parse(resource.metadata ?? "{}") as Record<string, string>;
    for (const [name, value] of metadata) {
      violations.check(stored[name] === value, "no update is lost", () => `${key}: ${name}=${value}`);
    }
  }
}
