import { isInProgress } from "../../../src/core/operation.ts";
import type { Resource } from "../../../src/core/resource.ts";
import { DELIVERY_TYPE } from "../../../src/core/webhooks/delivery-changes.ts";
import type { Ledger } from "../clients/ledger.ts";
import type { MemoryDatabase } from "../store/database.ts";
import { WebhookReceiver } from "../system/webhook-receiver.ts";
import type { RowChecks } from "./row-checks.ts";
import type { Violations } from "./violations.ts";

export interface EndParts {
  readonly database: MemoryDatabase;
  readonly violations: Violations;
  readonly rows: RowChecks;
  readonly ledger: Ledger;
  readonly receiver: WebhookReceiver;
  /** Instant of the database's wall clock. */
  readonly now: number;
}

/** Checks the state after the last fault. */
export function checkEnd(parts: EndParts): void {
  const { database, violations, rows, ledger, now } = parts;
  for (const { resource } of database.unsettled) {
    if (resource === undefined) continue;
    const { type, id, operation } = resource;
    // Deliveries that have failed often are tried again after hours.
    violations.check(
      !isInProgress(operation) || type === DELIVERY_TYPE,
      "every operation settles by its deadline plus undo",
      () => `${type}/${id} ${operation.kind} ${operation.state}, deadline in ${(operation.deadlineAt - now) / 1000} s`,
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
  checkFamilies(parts);
  checkWebhooks(parts);
}

/** No child outlives its parent, or an operation of its parent that did not succeed. */
function checkFamilies({ database, violations }: EndParts): void {
  for (const { resource: child } of database.rows.values()) {
    if (child === undefined || child.parent === null || child.deletedAt !== null) continue;
    const parent = database.read(child.parent);
    const isKept =
      parent?.deletedAt === null &&
      (parent.operation.state === "succeeded" || parent.error?.code === "undo-incomplete" || isDelete(parent));
    violations.check(
      isKept,
      "no child outlives its parent",
      () => `${child.type}/${child.id} of ${parent?.type}/${parent?.id} ${parent?.operation.state}`,
    );
  }
}

/** A delete that has failed leaves everything as it is. */
function isDelete({ operation }: Resource): boolean {
  return operation.kind === "delete";
}

/** Each end of an operation was sent, unless its delivery is still tried, or has failed in all tries. */
function checkWebhooks({ database, violations, rows, receiver }: EndParts): void {
  for (const { id, type, kind, state, isReplaced } of rows.settled.values()) {
    const event = isReplaced ? undefined : WebhookReceiver.eventOf({ type, id, kind });
    if (event === undefined || receiver.arrived.has(event)) continue;
    const delivery = database.read({ type: DELIVERY_TYPE, id: event });
    violations.check(
      delivery !== undefined && delivery.operation.state !== "succeeded",
      "each end of an operation is delivered at least once",
      () => `${type} ${id} ${state}: delivery ${delivery?.operation.state}`,
    );
  }
}
