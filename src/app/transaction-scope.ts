import { AsyncLocalStorage } from "node:async_hooks";
import type { WriteOptions } from "../client/http/write.ts";
import { AfootError } from "../core/errors.ts";
import type { TransactionClient } from "../core/ports/transactions.ts";
import type { Principal } from "../core/principal.ts";
import { type FetchHandlerOptions, fetchHandler } from "../server/http/fetch.ts";
import type { Handler } from "../server/routing/handler.ts";

/** Makes a write part of a transaction of the application. */
export interface TransactionOption {
  /**
   * A client of `pg` within a transaction that the application has begun, in the database of the store. The write is
   * committed or rolled back with the transaction, and its work starts after the commit. The call is not retried. After
   * an error, roll back the transaction.
   *
   * @default none: the write is committed before the call resolves
   * @throws AfootError `transaction-missing`, `transaction-aborted`, `transaction-read-only`, `transaction-foreign`,
   * `transaction-invalid`, `transactions-unsupported`; an error of the database as the client has thrown it
   * @see docs/transactions.md
   */
  readonly transaction?: TransactionClient;
}

export type Transactional<Options> = Options & TransactionOption;

/** A call with the option `transaction`. */
interface TransactionCall {
  readonly client: TransactionClient;
  /** False if the typed client has chosen the idempotency key, for retries that a transaction does not have. */
  readonly isKeyed: boolean;
  error?: unknown;
}

/**
 * Connects a call with the option `transaction` to the request that the typed client sends for it: the client passes no
 * option on to its `fetch`.
 */
export class TransactionScope {
  readonly #calls = new AsyncLocalStorage<TransactionCall>();

  /**
   * Calls a method that writes. With the option `transaction`, its request joins the transaction.
   *
   * @throws AfootError `transaction-invalid`, and the error of the database unchanged
   */
  async join<Options extends WriteOptions, Result>(
    options: Transactional<Options> | undefined,
    method: (options?: Options) => Promise<Result>,
  ): Promise<Result> {
    if (options?.transaction === undefined) return method(options);
    const { transaction: client, ...own } = options;
    checkShape(client);
    const call: TransactionCall = { client, isKeyed: own.idempotencyKey !== undefined };
    try {
      // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the options without those of this method
      return await this.#calls.run(call, () => method({ ...own, onRetry: throwError } as unknown as Options));
    } catch (error) {
      throw call.error ?? error;
    }
  }

  /** Creates a `fetch` over the app's own handler. Its calls act for the principal, or have full access without one. */
  fetchFor(handler: Handler, principal?: Principal): (request: Request) => Promise<Response> {
    const options: FetchHandlerOptions = { trusted: true, ...(principal === undefined ? {} : { principal }) };
    const fetchOutside = fetchHandler(handler, options);
    return async (request) => {
      const call = this.#calls.getStore();
      if (call === undefined || request.method === "GET") return fetchOutside(request);
      const onError = (error: unknown): void => void (call.error = error);
      const fetchWithin = fetchHandler(handler, { ...options, transaction: { client: call.client, onError } });
      if (!call.isKeyed) request.headers.delete("idempotency-key");
      // The handler may start other calls, which are no part of the transaction.
      const response = await this.#calls.exit(() => fetchWithin(request));
      // After a rollback, the tag of this state may come to belong to another one.
      response.headers.delete("etag");
      return response;
    };
  }
}

/** Ends a call instead of a retry: the transaction has failed, or holds its locks meanwhile. */
function throwError({ error }: { readonly error: Error }): never {
  throw error;
}

function checkShape(client: unknown): void {
  if (typeof client === "object" && client !== null && typeof Reflect.get(client, "query") === "function") return;
  throw new AfootError(
    "transaction-invalid",
    "transaction: it has no method query(text, values). Pass a client of pg, or write one over the raw queries of your library, as docs/transactions.md shows.",
  );
}
