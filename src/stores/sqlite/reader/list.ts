import type { DatabaseSync, SQLInputValue } from "node:sqlite";
import type { StoreReporting } from "../../../core/ports/reporting.ts";
import type { Store } from "../../../core/ports/store.ts";
import { createFinding, type EntryRange, type FindingReads } from "../../finding.ts";
import {
  type Branch,
  compareKeys,
  createListing,
  type ListedKey,
  type ListingReads,
  type ListRange,
} from "../../listing.ts";
import { COLUMN_LIST, resourceOf } from "../../resource-row.ts";
import { number, type RowValues, text as textOf } from "../../values.ts";
import { prepareRows, type RowStatement } from "../file/statement.ts";

/** Reads pages of collections, from the newest creation to the oldest. */
export interface ListReading extends Pick<Store, "list">, Pick<StoreReporting, "search"> {
  readonly find: NonNullable<Store["find"]>;
}

export function createListReading(database: DatabaseSync): ListReading {
  const statements = new Map<string, RowStatement>();
  const run = (sql: string, parameters: readonly SQLInputValue[]): readonly RowValues[] => {
    const statement = statements.get(sql) ?? prepareRows(database, sql);
    statements.set(sql, statement);
    return statement.all(...parameters);
  };
  const listed = (columns: string, { sql, parameters }: Condition, limit: number): readonly RowValues[] =>
    run(`select ${columns} from resources where ${sql} order by created_at desc, id desc limit ?`, [
      ...parameters,
      limit,
    ]);

  const labelsOf = createLabelReading(database);
  const keysOf = (branch: Branch, range: ListRange, comparison: "<" | "<="): readonly ListedKey[] =>
    listed("created_at, id, row", among(branch, range, comparison), range.limit).map((row) => keyOf(branch, row));
  /** Merges the ranges of all labels: only lists of one label, and of children, have an index in their order. */
  const mergedKeys = (branch: Branch, range: ListRange, comparison: "<" | "<="): readonly ListedKey[] =>
    labelsOf(branch.type, range.owner)
      .flatMap((status) => keysOf({ ...branch, status }, range, comparison))
      .toSorted(compareKeys)
      .slice(0, range.limit);
  const isIndexed = ({ status }: Branch, { parent }: ListRange): boolean =>
    status !== undefined || parent !== undefined;
  const selectRow = prepareRows(database, `select ${COLUMN_LIST} from resources where row = ?`);

  const reads: ListingReads & FindingReads = {
    page: (branch, range) =>
      isIndexed(branch, range)
        ? listed(COLUMN_LIST, among(branch, range, "<"), range.limit).map(resourceOf)
        : inSnapshot(database, () =>
            mergedKeys(branch, range, "<").flatMap(({ row }) => selectRow.all(row).map(resourceOf)),
          ),
    keys: (branches, range) =>
      inSnapshot(database, () =>
        branches.map((branch) => [
          ...(isIndexed(branch, range) ? keysOf(branch, range, "<=") : mergedKeys(branch, range, "<=")),
        ]),
      ),
    rows(rows, text) {
      const condition =
        text === undefined
          ? ""
          : ` and (${TEXTS.map((column) => `instr(lower(${column}), lower(?2)) > 0`).join(" or ")})`;
      return run(`select ${COLUMN_LIST} from resources where row in (select value from json_each(?1))${condition}`, [
        JSON.stringify(rows),
        ...(text === undefined ? [] : [text]),
      ]).map(resourceOf);
    },
    entries(range) {
      const { sql, parameters } = entriesAmong(range);
      const direction = range.order === "ascending" ? "asc" : "desc";
      const order = `order by at ${direction}, id ${direction} limit ?`;
      const found = run(`select at, id, resource from list_entries where ${sql} ${order}`, [
        ...parameters,
        range.limit,
      ]);
      return found.map(([at, id, row]) => ({ at: number(at), id: textOf(id), row: number(row) }));
    },
  };
  return { ...createListing(reads), find: createFinding(reads) };
}

/** Reads in one snapshot: a resource whose label changes is in the list of one of its labels. */
function inSnapshot<Result>(database: DatabaseSync, read: () => Result): Result {
  database.exec("begin");
  try {
    return read();
  } finally {
    database.exec("commit");
  }
}

/** Creates the read of the labels of a type, and of one owner, by a loose index scan. */
export function createLabelReading(database: DatabaseSync): (type: string, owner: string | undefined) => string[] {
  const all = prepareRows(database, labelsAmong("type = ?"));
  const owned = prepareRows(database, labelsAmong("type = ? and owner = ?"));
  return (type, owner) => {
    const rows = owner === undefined ? all.all(type, type) : owned.all(type, owner, type, owner);
    return rows.map(([label]) => textOf(label));
  };
}

/** `select distinct` would read every row. */
function labelsAmong(scope: string): string {
  const first = `select min(status) from resources where ${scope} and deleted_at is null`;
  return `with recursive found (status) as (
      ${first}
      union all
      select (${first} and status > found.status) from found where found.status is not null
    ) select status from found where status is not null`;
}

function entriesAmong({ type, owner, name, value, after, order }: EntryRange): Condition {
  const isOwned = owner !== undefined;
  return {
    sql: `type = ? and name = ? and value = ?${isOwned ? " and owner = ?" : ""}${after === undefined ? "" : ` and (at, id) ${order === "ascending" ? ">" : "<"} (?, ?)`}`,
    parameters: [type, name, value, ...(isOwned ? [owner] : []), ...(after === undefined ? [] : [after.at, after.id])],
  };
}

/** The columns in which a text is searched. */
const TEXTS = ["id", "configuration", "target_configuration", "details", "reported_details", "metadata", "error"];

interface Condition {
  readonly sql: string;
  readonly parameters: readonly SQLInputValue[];
}

function among({ type, status }: Branch, { owner, parent, after }: ListRange, comparison: "<" | "<="): Condition {
  const parts = ["type = ?", "deleted_at is null"];
  const parameters: SQLInputValue[] = [type];
  if (owner !== undefined) {
    parts.push("owner = ?");
    parameters.push(owner);
  }
  if (parent !== undefined) {
    parts.push("parent = ?");
    parameters.push(parent);
  }
  if (status !== undefined) {
    parts.push("status = ?");
    parameters.push(status);
  }
  if (after !== undefined) {
    parts.push(`(created_at, id) ${comparison} (?, ?)`);
    parameters.push(after.createdAt, after.id);
  }
  return { sql: parts.join(" and "), parameters };
}

function keyOf({ type }: Branch, [createdAt, id, row]: RowValues): ListedKey {
  return { type, createdAt: number(createdAt), id: textOf(id), row: number(row) };
}
