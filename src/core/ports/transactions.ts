import type { Change, IdempotentReply } from "../change.ts";
import type { Resource, ResourceKey } from "../resource.ts";
import type { ApplyResult, ReplyKey } from "./apply-result.ts";

/**
 * The application's database client, within a transaction that the application has begun. A `Client` or `PoolClient` of
 * `pg` has this shape; for a library without access to its client, write the function `query` over its raw queries.
 */
export interface TransactionClient {
  /** Runs one statement with `$1`, `$2`, ... as its parameters. `rows` are objects by column name. */
  query(text: string, values?: unknown[]): Promise<{ readonly rows: readonly unknown[] }>;
}

/**
 * The optional part of a store: changes within a transaction of the application, in the same database. They are
 * committed or rolled back with it, and so are their notices and wake-ups.
 */
export interface StoreTransactions {
  /**
   * Calls `use` with the transaction of a client. Calls with the same client run one after the other. Nothing else of
   * the store is used, so that a call never waits for a free connection.
   *
   * @throws AfootError `transaction-missing`, `transaction-aborted`, `transaction-read-only`, `transaction-foreign` if
   * the client cannot be used; any error of the client unchanged, after which the transaction must be rolled back
   */
  within<Result>(client: TransactionClient, use: (transaction: StoreTransaction) => Promise<Result>): Promise<Result>;
  /**
   * Calls back with the rows that a transaction of this process has changed, once it is committed. Best effort: a lost
   * connection loses calls. Returns a function that unsubscribes.
   */
  onCommitted(callback: (changed: readonly Resource[]) => void): () => void;
}

/** A transaction of the application, to be committed or rolled back by the application. */
export interface StoreTransaction {
  /** Reads a row, including changes of the transaction itself. */
  read(key: ResourceKey): Promise<Resource | undefined>;
  readReply(key: ReplyKey): Promise<IdempotentReply | undefined>;
  /**
   * Applies a change as `Store.apply` does, and publishes its notice and wake-up with the commit. Limits of resources in
   * progress are checked without a lock, so that a long transaction delays no other write.
   */
  apply(change: Change): Promise<ApplyResult>;
}
