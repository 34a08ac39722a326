import { isJsonObject } from "../../../core/json/json.ts";
import type { TransactionClient } from "../../../core/ports/transactions.ts";
import { type RowValues, text } from "../../values.ts";
import type { Parameter, Session } from "../connection/connections.ts";
import type { Statement } from "../connection/statement.ts";

/**
 * Runs statements on a client of the application, one after the other. After an error, no further statement is sent.
 *
 * Rows are returned as JSON text, so that type parsers and the form of rows of the client do not matter. Statements are
 * not named, because the application may use the same names, or a pooler that knows none.
 */
export class ClientSession implements Session {
  readonly #client: TransactionClient;
  #last: Promise<unknown> = Promise.resolve();

  constructor(client: TransactionClient) {
    this.#client = client;
  }

  run(statement: Statement, parameters: readonly Parameter[] = []): Promise<readonly RowValues[]> {
    const result = this.#last.then(() => this.#send(statement, parameters));
    this.#last = result;
    // The caller awaits the statements of one tick together, and gets the first error.
    result.catch(() => {});
    return result;
  }

  async #send(statement: Statement, parameters: readonly Parameter[]): Promise<readonly RowValues[]> {
    const isQuery = /^\s*select\b/i.test(statement.text);
    const sql = isQuery
      ? `with q as (${statement.text}) select pg_catalog.to_json(q)::text as row from q`
      : statement.text;
    const { rows } = await this.#client.query(sql, [...parameters]);
    return isQuery ? rows.map(valuesOf) : [];
  }
}

/** Returns the values of a row in the order of its columns. */
function valuesOf(row: unknown): RowValues {
  const values: unknown = JSON.parse(text(isJsonObject(row) ? row["row"] : undefined));
  return isJsonObject(values) ? Object.values(values) : [];
}
