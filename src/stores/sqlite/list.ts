import type { DatabaseSync, SQLInputValue } from "node:sqlite";
import type { Resource } from "../../core/resource.ts";
import type { ListPosition, ListQuery } from "../../core/store.ts";
import { COLUMN_LIST, resourceOf } from "../resource-row.ts";
import { number, text } from "../values.ts";
import { prepareRows, type RowStatement } from "./statement.ts";

/** How many rows are looked at in one go when a label is asked for: no index leads to those, and others want to be served meanwhile. */
const STRETCH = 2000;

interface Condition {
  readonly sql: string;
  readonly parameters: readonly SQLInputValue[];
}

/** Reads a page of a collection, from the newest creation to the oldest. */
export function createListing(database: DatabaseSync): (query: ListQuery) => Promise<Resource[]> {
  const statements = new Map<string, RowStatement>();
  const prepared = (sql: string): RowStatement => {
    const known = statements.get(sql);
    if (known !== undefined) return known;
    const statement = prepareRows(database, sql);
    statements.set(sql, statement);
    return statement;
  };
  const page = ({ sql, parameters }: Condition, limit: number): Resource[] =>
    prepared(`select ${COLUMN_LIST} from resources where ${sql} order by created_at desc, id desc limit ?`)
      .all(...parameters, limit)
      .map(resourceOf);

  /** Where a stretch that begins after the condition's position ends; undefined at the end of the collection. */
  const endOfStretch = ({ sql, parameters }: Condition): ListPosition | undefined => {
    const row = prepared(
      `select created_at, id from resources where ${sql} order by created_at desc, id desc limit 1 offset ${STRETCH - 1}`,
    ).get(...parameters);
    return row === undefined ? undefined : { createdAt: number(row[0]), id: text(row[1]) };
  };

  return async (query) => {
    const { statuses, limit } = query;
    if (statuses === undefined) return page(among(query), limit);
    if (statuses.length === 0) return [];
    const found: Resource[] = [];
    let after = query.after;
    for (;;) {
      const position = after === undefined ? {} : { after };
      const stretch = among({ ...query, ...position });
      const end = endOfStretch(stretch);
      found.push(...page(withLabel(stretch, statuses, end), limit - found.length));
      if (end === undefined || found.length >= limit) return found;
      after = end;
      await new Promise((resolve) => setImmediate(resolve));
    }
  };
}

function among({ type, owner, after }: Pick<ListQuery, "type" | "owner" | "after">): Condition {
  const parts = ["type = ?", "deleted_at is null"];
  const parameters: SQLInputValue[] = [type];
  if (owner !== undefined) {
    parts.push("owner = ?");
    parameters.push(owner);
  }
  if (after !== undefined) {
    parts.push("(created_at, id) < (?, ?)");
    parameters.push(after.createdAt, after.id);
  }
  return { sql: parts.join(" and "), parameters };
}

function withLabel(
  { sql, parameters }: Condition,
  statuses: readonly string[],
  end: ListPosition | undefined,
): Condition {
  const labelled = `${sql} and status in (select value from json_each(?))`;
  const labels = JSON.stringify(statuses);
  if (end === undefined) return { sql: labelled, parameters: [...parameters, labels] };
  return {
    sql: `${labelled} and (created_at, id) >= (?, ?)`,
    parameters: [...parameters, labels, end.createdAt, end.id],
  };
}
