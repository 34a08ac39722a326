import { type ClientBase, escapeIdentifier, escapeLiteral } from "pg";
import { StoreOpenError } from "../../../core/errors.ts";
import type { Policies } from "../../../core/policy.ts";
import { tableName } from "../connection/statement.ts";
import { turnSql } from "../connection/turn-sql.ts";
import { MIGRATIONS } from "./migrations.ts";
import { saveTypes } from "./types.ts";
import { createViews } from "./views.ts";

/**
 * Creates or migrates the tables and views of a schema, on a separate connection. If several nodes start at once, one
 * migrates and the others wait.
 *
 * @throws StoreOpenError `store-newer`
 */
export async function migrate(client: ClientBase, schema: string, policies: Policies): Promise<void> {
  await client.query("begin");
  // Views keep the functions and operators that their names mean now.
  await client.query("set local search_path = pg_catalog");
  await client.query(`select pg_advisory_xact_lock(hashtext('afoot migration'), hashtext(${escapeLiteral(schema)}))`);
  const found = await versionOf(client, schema);
  if (found > MIGRATIONS.length) {
    throw new StoreOpenError(
      "store-newer",
      `The tables in schema ${schema} are of version ${found}; this version of Afoot supports tables up to version ${MIGRATIONS.length}. ` +
        `Nothing was changed: run the version of Afoot that created them, or a later one`,
    );
  }
  if (found < MIGRATIONS.length) await step(client, schema, found);
  await saveTypes(client, schema, policies);
  // Adds missing turns: nodes of versions before turns do not write them.
  const due = `select type, turn, min(turn_due_at) from ${tableName(schema, "resources")} where turn_due_at is not null`;
  await client.query(turnSql(schema).upsert(`${due} group by type, turn order by type, turn`));
  await createViews(client, schema, policies);
  await client.query("commit");
}

async function step(client: ClientBase, schema: string, found: number): Promise<void> {
  const quoted = escapeIdentifier(schema);
  // The schema may exist already, for a user who cannot create schemas.
  const { rowCount } = await client.query("select from pg_namespace where nspname = $1", [schema]);
  if (rowCount === 0) await client.query(`create schema ${quoted}`);
  const table = tableName(schema, "migrations");
  await client.query(
    `create table if not exists ${table} (version integer primary key, made_at timestamptz not null default now())`,
  );
  for (const [index, migration] of MIGRATIONS.entries()) {
    if (index < found) continue;
    await client.query(migration.replaceAll("{schema}", () => quoted));
    await client.query(`insert into ${table} (version) values ($1)`, [index + 1]);
  }
}

/** Returns 0 for a schema without tables of Afoot. */
async function versionOf(client: ClientBase, schema: string): Promise<number> {
  const table = tableName(schema, "migrations");
  const { rows } = await client.query<{ exists: boolean }>(
    `select to_regclass(${escapeLiteral(table)}) is not null as exists`,
  );
  if (rows[0]?.exists !== true) return 0;
  const versions = await client.query<{ version: number }>(`select coalesce(max(version), 0) as version from ${table}`);
  return versions.rows[0]?.version ?? 0;
}
