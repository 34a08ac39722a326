import type { RowChecks } from "../checks/row-checks.ts";
import type { Violations } from "../checks/violations.ts";
import type { Chance } from "../world/chance.ts";
import type { Scheduler } from "../world/scheduler.ts";
import type { HttpNetwork } from "./http.ts";
import type { Ledger } from "./ledger.ts";

/** Everything that a client uses. */
export interface ClientParts {
  readonly name: string;
  /** Owner of what the client creates. Clients share owners. */
  readonly owner: string;
  readonly scheduler: Scheduler;
  readonly chance: Chance;
  readonly http: HttpNetwork;
  readonly ledger: Ledger;
  readonly rows: RowChecks;
  readonly violations: Violations;
  /** Takes one operation of the budget; false if none is left. */
  readonly take: () => boolean;
  /** True once clients begin nothing new. */
  readonly isOver: () => boolean;
}

/** Returns the credentials of a client; without a client, those of an operator. */
export function credentialsOf(client?: Pick<ClientParts, "name" | "owner">): { readonly authorization: string } {
  return { authorization: client === undefined ? "Bearer operator" : `Bearer ${client.name} ${client.owner}` };
}
