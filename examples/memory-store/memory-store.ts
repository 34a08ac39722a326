// A store of one's own: everything in memory, for one process. It has the required methods only, without the optional
// parts.
import {
  AfootError,
  applyChange,
  type ApplyResult,
  type Change,
  type ClaimRequest,
  claimRow,
  type ClaimSlots,
  type GrantedOperation,
  type Policies,
  ReplySize,
  type Resource,
  type Store,
  StoreUnavailableError,
} from "afoot/stores";
import { adjustToClock } from "./clock.ts";
import { MemoryContents, recordsOf, type StoredRow } from "./contents.ts";
import { purge } from "./purge.ts";
import { createDueReads, createReads } from "./reads.ts";
import { createTransaction } from "./transaction.ts";

/** Creates a store that keeps everything in memory. */
export function memoryStore(contents = new MemoryContents()): Store {
  const { rows, types } = contents;
  let policies: Policies | undefined;

  const opened = (): Policies => {
    if (policies === undefined) throw new StoreUnavailableError("The memory store is not open");
    return policies;
  };
  const resources = (): readonly Resource[] => {
    opened();
    return [...rows.values()].map(({ resource }) => resource);
  };

  return {
    name: "memory",
    async open(options) {
      policies = options.policies;
      for (const { type, redact } of policies.values()) types.set(type, { name: type, redact });
      // The workers of the previous process have ended with it.
      for (const { operation } of resources()) {
        if (operation.worker === null) continue;
        const event = { event: "lost", attempt: operation.attempt } as const;
        const target = { operation: operation.id };
        applyOne(contents, policies, { change: "event", target, event, at: options.at, random: Math.random() });
      }
    },
    async close() {
      policies = undefined;
    },
    apply: async (changes) => applyAll(contents, opened(), changes),
    claim: async (requests) => requests.map((request) => claim(contents, opened(), request)),
    ...createReads(contents, resources),
    ...createDueReads(contents, resources),
    purge: async (request) => purge(contents, request),
    adjustToClock: async (reading) => {
      opened();
      return adjustToClock(contents, reading);
    },
    checkWritable: async () => void opened(),
  };
}

/** Applies changes in their order. Those that the store cannot hold are refused, after all others are applied. */
function applyAll(contents: MemoryContents, policies: Policies, changes: readonly Change[]): readonly ApplyResult[] {
  const refusals: string[] = [];
  const results = changes.flatMap((change) => {
    try {
      return [applyOne(contents, policies, change)];
    } catch (error) {
      refusals.push(error instanceof Error ? error.message : String(error));
      return [];
    }
  });
  if (refusals.length > 0) throw new AfootError("store-refused", `The store cannot save this: ${refusals.join("; ")}`);
  return results;
}

function applyOne(contents: MemoryContents, policies: Policies, change: Change): ApplyResult {
  const { tables, write } = createTransaction(contents);
  const result = applyChange(tables, policies, change);
  write();
  return result;
}

/** Grants due operations. A repeated claim gets the same grants again, an older one nothing new. */
function claim(contents: MemoryContents, policies: Policies, request: ClaimRequest): readonly GrantedOperation[] {
  const { rows, claims } = contents;
  const { worker, slots } = request;
  if (request.claim <= (claims.get(worker) ?? -1)) {
    return [...rows.values()]
      .filter(({ resource: { operation } }) => operation.worker === worker && operation.claim === request.claim)
      .map((row) => grantOf(contents, row));
  }
  claims.set(worker, request.claim);
  const reply = new ReplySize();
  return slots.flatMap((each) =>
    dueRows(contents, each, request.at).flatMap((row) => {
      const { tables, write } = createTransaction(contents);
      const before = row.resource;
      if (!reply.fits(before) || !claimRow(tables, policies, row, request)) return [];
      write();
      reply.add(before);
      return [grantOf(contents, row)];
    }),
  );
}

/** Returns due rows, the longest due first, at most as many as there are free slots. */
function dueRows({ rows }: MemoryContents, { type, kinds, free }: ClaimSlots, at: number): readonly StoredRow[] {
  const dueAt = ({ resource: { operation } }: StoredRow): number => operation.dueAt ?? Infinity;
  return [...rows.values()]
    .filter(({ resource }) => resource.type === type && kinds.includes(resource.operation.kind))
    .filter((row) => dueAt(row) <= at)
    .toSorted((a, b) => dueAt(a) - dueAt(b) || a.rowId - b.rowId)
    .slice(0, Math.max(0, free));
}

/** Returns an operation with everything that its attempt needs. */
function grantOf(contents: MemoryContents, { rowId, resource }: StoredRow): GrantedOperation {
  const { root } = resource.operation;
  const messages = [...(contents.received.get(rowId)?.values() ?? [])].filter((message) => message.root === root);
  return {
    resource,
    records: recordsOf(contents, root),
    received: messages.map(({ root: _root, ...message }) => message).toSorted((a, b) => a.position - b.position),
  };
}
