import type { DatabaseSync } from "node:sqlite";
import type { Policies } from "../../../core/policy.ts";
import type { StoredType } from "../../../core/ports/store.ts";
import { storedTypeOf, typeRows } from "../../rows.ts";
import { prepareInsert, prepareRows } from "../file/statement.ts";

/** Stores the redacted fields of the declared types. */
export function saveTypes(database: DatabaseSync, policies: Policies): void {
  const upsert = prepareInsert(database, "types", ["type", "redact"], "insert or replace");
  for (const row of typeRows(policies)) upsert(...row);
}

/** Reads the types that have resources, by a loose index scan: `select distinct` would read every row. */
export function createTypeReading(database: DatabaseSync): () => StoredType[] {
  const select = prepareRows(
    database,
    `with recursive found (type) as (
      select min(type) from resources
      union all
      select (select min(type) from resources where type > found.type) from found where found.type is not null
    ) select found.type, redact from found left join types using (type) where found.type is not null`,
  );
  return () => select.all().map(storedTypeOf);
}
