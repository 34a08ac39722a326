import { Client } from "pg";
import type { CopyTarget, CopyTransaction } from "../../copying.ts";
import { directConfig, durableCommitSetting } from "../connection/connections.ts";
import { type Settings, settingsOf } from "../connection/options.ts";
import { tableName } from "../connection/statement.ts";
import type { PostgresStoreOptions } from "../connection/store-options.ts";
import { openDatabase, openErrorOf } from "../open-database.ts";
import { readCatalog } from "./catalog.ts";
import { copyTransaction } from "./transaction.ts";

/** Maximum time to wait for other writers of the tables. */
const LOCK_TIMEOUT_MS = 30_000;

/**
 * Creates the target of a copy: a database whose tables are empty or missing.
 *
 * @throws StoreOpenError `store-options` for invalid options
 */
export function postgresCopyTarget(options: PostgresStoreOptions): CopyTarget {
  const settings = settingsOf(options);
  return {
    location: `${settings.location}, schema ${settings.schema}`,
    begin: () => begin(settings),
  };
}

async function begin(settings: Settings): Promise<CopyTransaction> {
  const { schema } = settings;
  await openDatabase(settings, new Map());
  const client = new Client(directConfig(settings));
  // A lost connection fails the next query.
  client.on("error", () => {});
  try {
    await client.connect();
    await client.query(
      `begin isolation level read committed read write; set local statement_timeout = 0; set local lock_timeout = ${LOCK_TIMEOUT_MS};
      set local idle_in_transaction_session_timeout = 0; ${durableCommitSetting("set local")}`,
    );
    const catalog = await readCatalog(client, schema);
    const names = [...catalog.keys()].map((name) => tableName(schema, name));
    // Nodes can read meanwhile, and write again when this has ended. No earlier copy that might still commit is left.
    await client.query(`lock table ${names.join(", ")} in share row exclusive mode`);
    return copyTransaction(client, schema, catalog);
  } catch (error) {
    await client.end().catch(() => {});
    throw openErrorOf(error, settings);
  }
}
