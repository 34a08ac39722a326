import { createHash } from "node:crypto";
import { type ClientBase, escapeIdentifier, escapeLiteral } from "pg";
import type { Policies } from "../../../core/policy.ts";
import { tableName } from "../connection/statement.ts";

/** Maximum length of a name in PostgreSQL. */
const MAX_NAME_BYTES = 63;

/**
 * Returns the name of a type's view, with underscores for hyphens. A name that is too long ends with a hash of the
 * type.
 */
function viewName(type: string): string {
  const name = type.replaceAll("-", "_");
  if (name.length <= MAX_NAME_BYTES) return name;
  return `${name.slice(0, MAX_NAME_BYTES - 9)}_${createHash("sha256").update(type).digest("hex").slice(0, 8)}`;
}

/**
 * Creates a view for each declared type, by which users query and join resources. A current view is not replaced:
 * replacing it would wait for its readers.
 */
export async function createViews(client: ClientBase, schema: string, policies: Policies): Promise<void> {
  const { rows } = await client.query<{ name: string; comment: string | null }>(
    `select c.relname as name, obj_description(c.oid, 'pg_class') as comment
     from pg_class c join pg_namespace n on n.oid = c.relnamespace where n.nspname = $1 and c.relkind = 'v'`,
    [schema],
  );
  const comments = new Map(rows.map(({ name, comment }) => [name, comment]));
  for (const type of policies.keys()) {
    const name = viewName(type);
    const query = queryOf(schema, type);
    const comment = `Resources of type ${type}, by Afoot (${createHash("sha256").update(query).digest("hex").slice(0, 16)})`;
    if (comments.get(name) === comment) continue;
    const view = `${escapeIdentifier(schema)}.${escapeIdentifier(name)}`;
    await client.query(`create or replace view ${view} as ${query}`);
    await client.query(`comment on view ${view} is ${escapeLiteral(comment)}`);
  }
}

/**
 * Returns the query of a view. Columns are only ever added at the end, as replacing a view requires. Deleted resources
 * are excluded.
 */
function queryOf(schema: string, type: string): string {
  const json = (text: string): string => `${tableName(schema, "json")}(${text})`;
  const instant = (milliseconds: string): string => `to_timestamp(${milliseconds} / 1000.0)`;
  const isInProgress = "settled_at is null";
  return `select
    id,
    owner,
    status,
    ${isInProgress} as in_progress,
    ${json(`case when ${isInProgress} then coalesce(target_configuration, configuration) else configuration end`)} as configuration,
    ${json(`case when ${isInProgress} then coalesce(reported_details, details) else details end`)} as details,
    ${json("error")} as error,
    case when ${isInProgress} then progress end as progress,
    operation,
    kind,
    state,
    attempt,
    worker,
    version,
    ${instant("created_at")} as created_at,
    ${instant("updated_at")} as updated_at,
    ${instant("accepted_at")} as accepted_at,
    ${instant("settled_at")} as settled_at,
    ${instant("coalesce(due_at, turn_due_at)")} as due_at,
    ${instant("deadline_at")} as deadline_at,
    ${json("metadata")} as metadata
  from ${tableName(schema, "resources")} where type = ${escapeLiteral(type)} and deleted_at is null`;
}
