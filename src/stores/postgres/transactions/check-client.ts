import { AfootError } from "../../../core/errors.ts";
import { number, text, textOrNull } from "../../values.ts";
import type { Session } from "../connection/connections.ts";
import { type Statement, tableName } from "../connection/statement.ts";

/** The transaction of a client: the process id of its session in the database, and its transaction id. */
export interface JoinedTransaction {
  readonly pid: number;
  readonly xid: string;
}

/** Identifies a database: the same on every connection to it, through a pooler too. */
export const DATABASE_IDENTITY =
  "(select system_identifier::text from pg_control_system()) || '/' || (select oid::text from pg_database where datname = current_database())";

const JOINING: Statement = {
  name: "join transaction",
  text: `select ${DATABASE_IDENTITY} as database, pg_backend_pid() as pid, current_setting('transaction_read_only') as is_read_only,
    case when current_setting('transaction_read_only') = 'off' then pg_current_xact_id()::text end as xid`,
};

/**
 * Checks that a client is within a transaction that can write to the database of the store.
 *
 * @throws AfootError `transaction-missing`, `transaction-aborted`, `transaction-read-only`, `transaction-foreign`
 */
export async function checkClient(session: Session, schema: string, database: string): Promise<JoinedTransaction> {
  const [row = []] = await session.run(JOINING).catch((error: unknown) => {
    throw sqlStateOf(error) === "25P02" ? abortedError(error) : error;
  });
  const [found, pid, isReadOnly, xid] = row;
  if (text(found) !== database) {
    throw new AfootError(
      "transaction-foreign",
      "transaction: the client is connected to another database than the store. Use a client of the store's own database.",
    );
  }
  if (isReadOnly === "on") {
    throw new AfootError(
      "transaction-read-only",
      "transaction: the transaction is read-only. Begin it with: begin read write, on the primary server.",
    );
  }
  // Outside of a transaction, this statement fails and changes nothing.
  await session.run({ name: "", text: `lock table ${tableName(schema, "meta")} in access share mode` }).catch(missing);
  return { pid: number(pid), xid: textOrNull(xid) ?? "" };
}

function missing(error: unknown): never {
  if (sqlStateOf(error) !== "25P01") throw error;
  throw new AfootError(
    "transaction-missing",
    "transaction: the client is not in a transaction, so nothing was written. Run BEGIN on it first, and pass the client itself instead of its pool.",
    { cause: error },
  );
}

function abortedError(cause: unknown): AfootError {
  return new AfootError(
    "transaction-aborted",
    "transaction: an earlier statement of the transaction has failed, so it can only be rolled back. Roll it back and run it again.",
    { cause },
  );
}

/** Returns the SQLSTATE of an error, which libraries wrap in errors of their own. */
function sqlStateOf(error: unknown, depth = 0): string | undefined {
  if (typeof error !== "object" || error === null || depth > 4) return undefined;
  const code: unknown = Reflect.get(error, "code");
  // Prisma's own codes have the form P2010.
  if (typeof code === "string" && /^[0-9A-Z]{5}$/.test(code) && !/^P\d{4}$/.test(code)) return code;
  const inner = ["cause", "meta", "driverAdapterError"].map((name) => sqlStateOf(Reflect.get(error, name), depth + 1));
  return inner.find((state) => state !== undefined);
}
