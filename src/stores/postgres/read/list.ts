import type { StoreReporting } from "../../../core/ports/reporting.ts";
import type { StoredType, Store } from "../../../core/ports/store.ts";
import { createFinding, type FindingReads } from "../../finding.ts";
import { type Branch, createListing, type ListedKey, type ListingReads, type ListRange } from "../../listing.ts";
import { number, type RowValues, text as textOf } from "../../values.ts";
import type { Connections, Parameter } from "../connection/connections.ts";
import { arrayOf, type Statement, tableName, unnest } from "../connection/statement.ts";
import { createTypeReading } from "../schema/types.ts";
import { STORED_COLUMNS, storedOf } from "../tables/resource-table.ts";

/** Reads pages of collections, from the newest creation to the oldest. */
export interface ListReading extends Pick<Store, "list">, Pick<StoreReporting, "search"> {
  readonly find: NonNullable<Store["find"]>;
  readonly types: () => Promise<StoredType[]>;
}

export function createListReading(schema: string, connections: Connections): ListReading {
  const table = tableName(schema, "resources");

  const reads: ListingReads & FindingReads = {
    async page({ type, status }, range) {
      const { conditions, parameters, name } = among(range, "<");
      if (status !== undefined) conditions.push(`status = $${parameters.push(status)}`);
      const page: Statement = {
        isPlannedByValues: true,
        name: `list${name}${status === undefined ? "" : " with label"}`,
        text: `select ${STORED_COLUMNS} from ${table} where type = $${parameters.push(type)} and ${conditions.join(" and ")}
          order by created_at desc, id desc limit $${parameters.push(range.limit)}`,
      };
      return (await connections.run(page, parameters)).map((row) => storedOf(row).resource);
    },
    async keys(branches, range) {
      const { conditions, parameters, name } = among(range, "<=");
      const isLabelled = branches[0]?.status !== undefined;
      if (isLabelled) conditions.push("status = b.status");
      const column = (values: readonly string[]): string =>
        `$${parameters.push(arrayOf("resources", "text", values))}::text[]`;
      const types = column(branches.map(({ type }) => type));
      const labels = isLabelled ? [column(branches.map(({ status = "" }) => status))] : [];
      const keys: Statement = {
        isPlannedByValues: true,
        name: `list keys${name}${isLabelled ? " with label" : ""}`,
        text: `select b.position, k.created_at, k.id, k.row
          from ${unnest([types, ...labels])} with ordinality b (type${isLabelled ? ", status" : ""}, position)
          cross join lateral (
            select created_at, id, row from ${table} where type = b.type and ${conditions.join(" and ")}
            order by created_at desc, id desc limit $${parameters.push(range.limit)}
          ) k`,
      };
      return byBranch(branches, await connections.run(keys, parameters));
    },
    async rows(rows, text) {
      const parameters: Parameter[] = [arrayOf("resources.row", "bigint", rows)];
      const condition =
        text === undefined ? "" : ` and (${TEXTS.map((name) => `strpos(lower(${name}), lower($2)) > 0`).join(" or ")})`;
      if (text !== undefined) parameters.push(text);
      const found: Statement = {
        isPlannedByValues: true,
        name: text === undefined ? "list rows" : "list rows with text",
        text: `select ${STORED_COLUMNS} from ${table} where row = any($1::bigint[])${condition}`,
      };
      return (await connections.run(found, parameters)).map((row) => storedOf(row).resource);
    },
    entries: createEntryReading(schema, connections),
  };

  return {
    ...createListing(reads),
    find: createFinding(reads),
    types: createTypeReading(schema, connections),
  };
}

function createEntryReading(schema: string, connections: Connections): FindingReads["entries"] {
  const table = tableName(schema, "list_entries");
  return async ({ type, name, value, owner, order, after, limit }) => {
    const parameters: Parameter[] = [type, name, value, limit];
    const isAscending = order === "ascending";
    const direction = isAscending ? "asc" : "desc";
    const owned = owner === undefined ? "" : ` and owner = $${parameters.push(owner)}`;
    const from =
      after === undefined
        ? ""
        : ` and (at, id) ${isAscending ? ">" : "<"} ($${parameters.push(after.at)}, $${parameters.push(after.id)})`;
    const entries: Statement = {
      isPlannedByValues: true,
      name: `list entries ${direction}${owned === "" ? "" : " owned"}${from === "" ? "" : " after"}`,
      text: `select at, id, resource from ${table} where type = $1 and name = $2 and value = $3${owned}${from}
        order by at ${direction}, id ${direction} limit $4`,
    };
    const found = await connections.run(entries, parameters);
    return found.map(([at, id, row]) => ({ at: number(at), id: textOf(id), row: number(row) }));
  };
}

/** The columns in which a text is searched. */
const TEXTS = ["id", "configuration", "target_configuration", "details", "reported_details", "metadata", "error"];

interface Conditions {
  readonly conditions: string[];
  readonly parameters: Parameter[];
  /** Part of the statement's name: each combination of conditions is a separate statement. */
  readonly name: string;
}

function among({ owner, parent, after }: ListRange, comparison: "<" | "<="): Conditions {
  const parameters: Parameter[] = [];
  const conditions = ["deleted_at is null"];
  if (owner !== undefined) conditions.push(`owner = $${parameters.push(owner)}`);
  if (parent !== undefined) conditions.push(`parent = $${parameters.push(parent)}`);
  if (after !== undefined) {
    const [createdAt, id] = [parameters.push(after.createdAt), parameters.push(after.id)];
    conditions.push(`(created_at, id) ${comparison} ($${createdAt}, $${id})`);
  }
  return {
    conditions,
    parameters,
    name: `${owner === undefined ? "" : " owned"}${parent === undefined ? "" : " of parent"}${after === undefined ? "" : " after"}`,
  };
}

function byBranch(branches: readonly Branch[], rows: readonly RowValues[]): readonly ListedKey[][] {
  const found = branches.map((): ListedKey[] => []);
  for (const [position, createdAt, id, row] of rows) {
    const index = number(position) - 1;
    const type = branches[index]?.type ?? "";
    found[index]?.push({ type, createdAt: number(createdAt), id: textOf(id), row: number(row) });
  }
  return found;
}
