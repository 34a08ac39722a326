import { isInProgress, nextDeadlineAt, type Resource, type ResourceKey, type Store } from "afoot/stores";
import { type MemoryContents, nameOf, recordsOf } from "./contents.ts";

type Reads = Pick<Store, "read" | "readByOperation" | "readReplies" | "list" | "types" | "history" | "records">;
type DueReads = Pick<Store, "nextDueAt" | "overdue" | "nextOverdueAt" | "claimedOperations" | "unclaimedInProgress">;

/** Creates the reads of single resources and of lists. */
export function createReads(contents: MemoryContents, resources: () => readonly Resource[]): Reads {
  const { rows, history, types } = contents;
  return {
    async read(keys) {
      const all = new Map(resources().map((resource) => [nameOf(resource.type, resource.id), resource]));
      return keys.map(({ type, id }) => all.get(nameOf(type, id)));
    },
    async readByOperation(operations) {
      const all = new Map(resources().map((resource) => [resource.operation.id, resource]));
      return operations.map((operation) => all.get(operation));
    },
    async readReplies(keys) {
      return keys.map(({ principal, key }) => contents.replies.get(nameOf(principal, key))?.reply);
    },
    async list({ type, owner, parent, statuses, after, limit }) {
      return resources()
        .filter((resource) => resource.type === type && resource.deletedAt === null)
        .filter((resource) => owner === undefined || resource.owner === owner)
        .filter((resource) => parent === undefined || isChildOf(resource, parent))
        .filter((resource) => statuses === undefined || statuses.includes(resource.status))
        .filter((resource) => after === undefined || compareListed(resource, after) > 0)
        .toSorted(compareListed)
        .slice(0, limit);
    },
    async types() {
      const names = [...new Set(resources().map(({ type }) => type))].toSorted();
      return names.map((name) => types.get(name) ?? { name, redact: [] });
    },
    async history({ key, after = 0, limit }) {
      const row = rows.get(nameOf(key.type, key.id));
      const entries = row === undefined ? [] : (history.get(row.rowId) ?? []);
      return entries.filter(({ sequence }) => sequence > after).slice(0, limit);
    },
    records: async (root) => recordsOf(contents, root),
  };
}

/** Creates the reads of operations in progress. */
export function createDueReads(contents: MemoryContents, resources: () => readonly Resource[]): DueReads {
  return {
    async nextDueAt(slots) {
      const due = resources().filter((resource) =>
        slots.some(({ type, kinds }) => resource.type === type && kinds.includes(resource.operation.kind)),
      );
      return earliest(due.map(({ operation }) => operation.dueAt));
    },
    async overdue(at, limit) {
      return resources()
        .filter(({ operation }) => (nextDeadlineAt(operation) ?? Infinity) <= at)
        .toSorted((a, b) => (nextDeadlineAt(a.operation) ?? 0) - (nextDeadlineAt(b.operation) ?? 0))
        .slice(0, limit)
        .map((resource) => {
          const undone = recordsOf(contents, resource.operation.root).filter(
            ({ undo, state }) => undo && state !== "undone",
          );
          return { resource, stepsNotUndone: undone.map(({ step }) => step) };
        });
    },
    nextOverdueAt: async () => earliest(resources().map(({ operation }) => nextDeadlineAt(operation))),
    claimedOperations: async (workers) =>
      resources().filter(
        ({ operation: { worker } }) => worker !== null && (workers === undefined || workers.includes(worker)),
      ),
    async unclaimedInProgress({ types: names, limit, after }) {
      const found = [...contents.rows.values()]
        .filter(({ resource: { type, operation } }) => names.includes(type) && operation.worker === null)
        .filter(({ resource }) => isInProgress(resource.operation))
        .map((row) => ({
          row,
          position: { nextDeadlineAt: nextDeadlineAt(row.resource.operation) ?? 0, row: row.rowId },
        }))
        .filter(({ position }) => after === undefined || comparePositions(position, after) > 0)
        .toSorted((a, b) => comparePositions(a.position, b.position))
        .slice(0, limit);
      return {
        resources: found.map(({ row }) => row.resource),
        next: found.length < limit ? undefined : found.at(-1)?.position,
      };
    },
  };
}

function earliest(instants: readonly (number | null)[]): number | undefined {
  const known = instants.filter((instant) => instant !== null);
  return known.length === 0 ? undefined : Math.min(...known);
}

function compareListed(a: { createdAt: number; id: string }, b: { createdAt: number; id: string }): number {
  return b.createdAt - a.createdAt || compareText(b.id, a.id);
}

function comparePositions(
  a: { nextDeadlineAt: number; row: number },
  b: { nextDeadlineAt: number; row: number },
): number {
  return a.nextDeadlineAt - b.nextDeadlineAt || a.row - b.row;
}

function compareText(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}

function isChildOf({ parent }: Resource, { type, id }: ResourceKey): boolean {
  return parent !== null && parent.type === type && parent.id === id;
}
