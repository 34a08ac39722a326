import type { DatabaseSync, SQLInputValue } from "node:sqlite";
import type { StatusCount, StoreReporting } from "../../../core/ports/reporting.ts";
import { number } from "../../values.ts";
import { prepareRows, type RowStatement } from "../file/statement.ts";
import { createLabelReading } from "./list.ts";

/** Counts resources by status label, each up to the requested maximum. */
export type StatusCounting = (query: Parameters<StoreReporting["statusCounts"]>[0]) => readonly StatusCount[];

export function createStatusCounting(database: DatabaseSync): StatusCounting {
  const labelsOf = createLabelReading(database);
  const all = countAmong(database, "type = ?");
  const owned = countAmong(database, "type = ? and owner = ?");
  return ({ types, owner, max }) => {
    const count = owner === undefined ? all : owned;
    return types.flatMap((type) => {
      const scope: readonly SQLInputValue[] = owner === undefined ? [type] : [type, owner];
      return labelsOf(type, owner).map((status) => ({
        type,
        status,
        count: number(count.get(...scope, status, max)?.[0]),
      }));
    });
  };
}

function countAmong(database: DatabaseSync, scope: string): RowStatement {
  return prepareRows(
    database,
    `select count(*) from (select 1 from resources where ${scope} and deleted_at is null and status = ? limit ?)`,
  );
}
