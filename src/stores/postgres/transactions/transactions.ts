import type { Policies } from "../../../core/policy.ts";
import { changeFeedMessageOf } from "../../../core/ports/change-feed.ts";
import { changedResources, requireResult } from "../../../core/ports/store.ts";
import type { StoreTransaction, StoreTransactions, TransactionClient } from "../../../core/ports/transactions.ts";
import type { Resource } from "../../../core/resource.ts";
import { arrayOf } from "../connection/statement.ts";
import { createResourceReading } from "../read/reads.ts";
import { channelOf, NOTIFY } from "../sharing/change-feed.ts";
import { encodePayloads } from "../sharing/notify-payloads.ts";
import { type StoreTables, writesOf } from "../tables/tables.ts";
import { reduceBatch } from "../tables/unit-of-work.ts";
import { createBatchReading } from "../write/batch-reading.ts";
import { parentsToLock, readSetOf } from "../write/read-set.ts";
import { createRowNumbers } from "../write/row-numbers.ts";
import { checkClient } from "./check-client.ts";
import { ClientSession } from "./client-session.ts";
import type { PendingCommits } from "./pending-commits.ts";

export interface TransactionsOptions {
  readonly schema: string;
  readonly policies: Policies;
  readonly tables: StoreTables;
  /** Identity of the database of the store. */
  readonly database: string;
  readonly pendingCommits: PendingCommits;
}

/** Creates the part of the store that joins transactions of the application. */
export function createTransactions(options: TransactionsOptions): StoreTransactions {
  const { schema, policies, tables, database, pendingCommits } = options;
  const readBatch = createBatchReading({
    schema,
    tables,
    rowNumbers: createRowNumbers(schema, 0),
    policies,
    locksLimitedTypes: false,
  });
  const readResources = createResourceReading(schema);
  const inOrder = createOrderByClient();
  const channel = channelOf(schema);

  const join = async (client: TransactionClient): Promise<StoreTransaction> => {
    const session = new ClientSession(client);
    const joined = await checkClient(session, schema, database);
    const notify = async (changed: readonly Resource[]): Promise<void> => {
      if (changed.length === 0) return;
      const payloads = encodePayloads(changeFeedMessageOf(changed));
      await session.run(NOTIFY, [channel, arrayOf("payloads", "text", payloads)]);
      for (const resource of changed) pendingCommits.add(joined, resource);
    };
    return {
      read: async (key) => (await readResources(session, [key]))[0],
      readReply: async (key) => (await tables.replies.read(session, [key]))[0],
      async apply(change) {
        let state = await readBatch.waiting(session, readSetOf([change]));
        const parents = parentsToLock([change], state.rows);
        if (parents.length > 0) state = await readBatch.waiting(session, readSetOf([change], parents));
        const { unitOfWork, applied } = reduceBatch(state, policies, [change]);
        await Promise.all(writesOf(tables, session, unitOfWork));
        const result = requireResult(applied[0]);
        await notify(changedResources(result));
        return result;
      },
    };
  };

  return {
    within: (client, use) => inOrder(client, async () => use(await join(client))),
    onCommitted: (callback) => pendingCommits.onCommitted(callback),
  };
}

/** Runs the calls of one client one after the other: a call reads, decides and writes. */
function createOrderByClient(): <Result>(client: object, run: () => Promise<Result>) => Promise<Result> {
  const last = new WeakMap<object, Promise<unknown>>();
  return (client, run) => {
    const result = (last.get(client) ?? Promise.resolve()).then(run);
    last.set(
      client,
      result.catch(() => {}),
    );
    return result;
  };
}
