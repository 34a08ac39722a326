import type { Change, IdempotentReply } from "../../core/change.ts";
import { AfootError } from "../../core/errors.ts";
import type { ApplyResult, ReplyKey, Store } from "../../core/ports/store.ts";
import type { Resource, ResourceKey } from "../../core/resource.ts";
import type { CallerTransaction } from "../http/exchange.ts";
import { INTERNAL_DETAIL, Refusal } from "../http/problems.ts";

/** The reads and the write of a request within a transaction. */
export interface TransactionStorage {
  readonly read: (key: ResourceKey) => Promise<Resource | undefined>;
  readonly readReply: (key: ReplyKey) => Promise<IdempotentReply | undefined>;
  readonly commit: (change: Change) => Promise<ApplyResult>;
}

/** Calls `use` with the storage of a caller's transaction. @throws Refusal, also instead of any other error */
export type WithinTransaction = <Result>(
  transaction: CallerTransaction,
  use: (storage: TransactionStorage) => Promise<Result>,
) => Promise<Result>;

export function createWithinTransaction({
  name,
  transactions,
}: Pick<Store, "name" | "transactions">): WithinTransaction {
  return async ({ client, onError }, use) => {
    try {
      if (transactions === undefined) throw unsupported(name);
      return await transactions.within(client, (transaction) =>
        use({
          read: (key) => transaction.read(key),
          readReply: (key) => transaction.readReply(key),
          commit: (change) => transaction.apply(change),
        }),
      );
    } catch (error) {
      if (error instanceof Refusal) throw error;
      onError(error);
      throw new Refusal("internal", INTERNAL_DETAIL);
    }
  };
}

function unsupported(store: string): AfootError {
  return new AfootError(
    "transactions-unsupported",
    `transaction: the ${store} store cannot join transactions of the application. Use postgresStore(), or call without the option.`,
  );
}
