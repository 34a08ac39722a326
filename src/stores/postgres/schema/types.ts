import type { ClientBase } from "pg";
import type { Policies } from "../../../core/policy.ts";
import type { StoredType } from "../../../core/ports/store.ts";
import { storedTypeOf, typeRows } from "../../rows.ts";
import type { Connections } from "../connection/connections.ts";
import { type Statement, tableName } from "../connection/statement.ts";

/** Stores the redacted fields of the declared types. Unchanged rows are not written. */
export async function saveTypes(client: ClientBase, schema: string, policies: Policies): Promise<void> {
  const table = tableName(schema, "types");
  for (const row of typeRows(policies)) {
    await client.query(
      `insert into ${table} as stored (type, redact) values ($1, $2)
       on conflict (type) do update set redact = excluded.redact where stored.redact <> excluded.redact`,
      [...row],
    );
  }
}

/** Reads the types that have resources, by a loose index scan: `select distinct` would read every row. */
export function createTypeReading(schema: string, connections: Connections): () => Promise<StoredType[]> {
  const resources = tableName(schema, "resources");
  const types: Statement = {
    name: "types",
    text: `with recursive found (type) as (
      select min(type) from ${resources}
      union all
      select (select min(type) from ${resources} where type > found.type) from found where found.type is not null
    ) select type, redact from found left join ${tableName(schema, "types")} using (type) where type is not null
    order by type`,
  };
  return async () => (await connections.run(types, [])).map(storedTypeOf);
}
