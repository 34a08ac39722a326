import type { Resource } from "../../core/resource.ts";
import type { ListQuery, StoredType } from "../../core/store.ts";
import type { Connections, Parameter } from "./connections.ts";
import { STORED, storedOf } from "./resource-table.ts";
import { arrayOf, type Statement, tableName } from "./statement.ts";
import { createTypeReading } from "./types.ts";

export interface Listing {
  /** Reads a page of a collection, from the newest creation to the oldest. */
  readonly list: (query: ListQuery) => Promise<Resource[]>;
  readonly types: () => Promise<StoredType[]>;
}

export function createListing(schema: string, connections: Connections): Listing {
  const table = tableName(schema, "resources");
  const list: Listing["list"] = async ({ type, owner, statuses, after, limit }) => {
    const parameters: Parameter[] = [type, limit];
    const conditions = ["type = $1", "deleted_at is null"];
    const parameter = (value: Parameter): string => `$${parameters.push(value)}`;
    if (owner !== undefined) conditions.push(`owner = ${parameter(owner)}`);
    if (after !== undefined) {
      conditions.push(`(created_at, id) < (${parameter(after.createdAt)}, ${parameter(after.id)})`);
    }
    if (statuses !== undefined) {
      conditions.push(`status = any(${parameter(arrayOf("resources.status", "text", statuses))}::text[])`);
    }
    // Each combination of conditions is a statement of its own.
    const name = `list${owner === undefined ? "" : " owned"}${after === undefined ? "" : " after"}${statuses === undefined ? "" : " with status"}`;
    const page: Statement = {
      name,
      text: `select ${STORED} from ${table} where ${conditions.join(" and ")} order by created_at desc, id desc limit $2`,
    };
    const rows = await connections.run(page, parameters);
    return rows.map((row) => storedOf(row).resource);
  };

  return { list, types: createTypeReading(schema, connections) };
}
