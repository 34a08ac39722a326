import { existsSync } from "node:fs";
import { hostname } from "node:os";
import type { DatabaseSync } from "node:sqlite";
import { StoreOpenError } from "../../core/errors.ts";
import { DEFAULT_POLICY, type OperationPolicy, type Policies, policyOf } from "../../core/policy.ts";
import type { CopiedTable, CopySource } from "../copying.ts";
import { number, text } from "../values.ts";
import { openDatabase } from "./file/database.ts";
import { locate } from "./file/location.ts";
import { holderName, lock } from "./file/lock.ts";
import { readRelocation, saveRelocation, afootVersion } from "./file/meta.ts";
import { openErrorOf } from "./file/open-error.ts";
import { prepareRows } from "./file/statement.ts";
import { createTables, type Tables } from "./tables/tables.ts";
import { createCommit } from "./writer/commit.ts";
import { expireClaimsOfDeadProcess } from "./writer/recover.ts";

/** Tables that exist only in this store. */
const OWN_TABLES: ReadonlySet<string> = new Set(["meta"]);
/** Columns that exist only in this store, by table. Replies are numbered so that the purge finds the oldest. */
const OWN_COLUMNS: Readonly<Record<string, readonly string[]>> = { replies: ["row"] };

/** Durations as other stores have them: one row of whole milliseconds for each sample. */
const DURATIONS = {
  columns: ["type", "kind", "milestone", "reached_ms", "settled_ms"],
  from: `(select d.type, d.kind, d.milestone,
      cast(round(s.value ->> 0) as integer) as reached_ms, cast(round(s.value ->> 1) as integer) as settled_ms
    from durations d, json_each(d.samples) s order by d.type, d.kind, d.milestone, s.key)`,
};

/**
 * Opens a file to copy it. As at a start, the file is locked and migrated, and the claims of a dead process expire.
 *
 * @throws StoreOpenError as opening the store does; `store-missing` if there is no file
 */
export function openCopySource(path: string, at: number): CopySource {
  if (!existsSync(path)) throw new StoreOpenError("store-missing", `${path}: there is no such file; check the path`);
  const file = locate(path);
  const unlock = lock(file);
  let database: DatabaseSync | undefined;
  try {
    database = openDatabase(file, afootVersion());
    return sourceOf(file, createTables(database), { at, unlock });
  } catch (error) {
    database?.close();
    unlock();
    throw openErrorOf(error, file);
  }
}

function sourceOf(
  file: string,
  tables: Tables,
  { at, unlock }: { readonly at: number; readonly unlock: () => void },
): CopySource {
  const { database, meta, inProgress } = tables;
  meta.set("holder", `afoot copy, ${holderName(at, hostname())}`);
  const relocation = readRelocation(meta);
  if (relocation === undefined) expireClaimsOfDeadProcess(tables, createCommit(tables, policiesOf(database)), at);
  return {
    location: file,
    tables: copiedTables(tables),
    inProgress: inProgress.counts().reduce((sum, { count }) => sum + count, 0),
    relocation,
    rows: ({ name, columns }) =>
      prepareRows(database, `select ${columns.map(quoted).join(", ")} from ${sourceName(name)}`).each(),
    markRelocated: (to) => saveRelocation(meta, to),
    close() {
      database.close();
      unlock();
    },
  };
}

/**
 * A copy has no app and so no policies. Claimed operations get the default limits, and no limit of lost workers, until
 * a node with their policies opens the copy.
 */
function policiesOf(database: DatabaseSync): Policies {
  const claimed = prepareRows(database, "select distinct type, kind from resources where worker is not null").all();
  const kinds = Map.groupBy(claimed, ([type]) => text(type));
  return new Map(
    [...kinds].map(([type, found]) => {
      const policies = found.map(([, kind]): [string, OperationPolicy] => [
        text(kind),
        { ...DEFAULT_POLICY, status: "", lostWorkers: Infinity },
      ]);
      return [type, { ...policyOf(new Map(), type), kinds: Object.fromEntries(policies) }];
    }),
  );
}

function copiedTables({ database, history }: Tables): CopiedTable[] {
  const names = prepareRows(
    database,
    "select name from pragma_table_list where schema = 'main' and type = 'table' and name not like 'sqlite_%' order by name",
  ).all();
  return names
    .map(([name]) => text(name))
    .filter((name) => !OWN_TABLES.has(name))
    .map((name) => ({
      name,
      columns: name === "durations" ? DURATIONS.columns : columnsOf(database, name),
      rows: number(prepareRows(database, `select count(*) from ${sourceName(name)}`).get()?.[0]),
      ...(name === "history" ? { lastNumbers: { sequence: history.nextSequence() - 1 } } : {}),
    }));
}

function columnsOf(database: DatabaseSync, table: string): string[] {
  const own = OWN_COLUMNS[table] ?? [];
  const names = prepareRows(database, "select name from pragma_table_info(?) order by cid").all(table);
  return names.map(([name]) => text(name)).filter((name) => !own.includes(name));
}

function sourceName(table: string): string {
  return table === "durations" ? DURATIONS.from : quoted(table);
}

function quoted(name: string): string {
  return `"${name}"`;
}
