import { existsSync } from "node:fs";
import { hostname } from "node:os";
import type { DatabaseSync } from "node:sqlite";
import { StoreOpenError } from "../../core/errors.ts";
import { DEFAULT_POLICY, type OperationPolicy, type Policies, policyOf } from "../../core/policy.ts";
import type { CopySource } from "../copying.ts";
import { text } from "../values.ts";
import { copiedTables, readRows } from "./copied-tables.ts";
import { locate } from "./file/location.ts";
import { holderName, lock } from "./file/lock.ts";
import { readRelocation, saveRelocation, afootVersion } from "./file/meta.ts";
import { openErrorOf } from "./file/open-error.ts";
import { prepareRows } from "./file/statement.ts";
import { createCommit } from "./writer/commit.ts";
import { tryWithReserve } from "./writer/disk-space.ts";
import { expireClaimsOfDeadProcess } from "./writer/recover.ts";
import { openWritableFile, type WritableFile } from "./writer/writable-file.ts";

/**
 * Opens a file to copy it. As at a start, the file is locked and migrated, and the claims of a dead process expire.
 *
 * @throws StoreOpenError as opening the store does; `store-missing` if there is no file
 */
export function openCopySource(path: string, at: number): CopySource {
  if (!existsSync(path)) throw new StoreOpenError("store-missing", `${path}: there is no such file; check the path`);
  const file = locate(path);
  const unlock = lock(file);
  let opened: WritableFile | undefined;
  try {
    opened = openWritableFile({ path: file, version: afootVersion() });
    return sourceOf(file, opened, { at, unlock });
  } catch (error) {
    opened?.close();
    unlock();
    throw openErrorOf(error, file);
  }
}

function sourceOf(
  file: string,
  { tables, space, close }: WritableFile,
  { at, unlock }: { readonly at: number; readonly unlock: () => void },
): CopySource {
  const { database, meta, inProgress } = tables;
  // A full disk is a reason to move a store, so its reserve is used too.
  const write = (run: () => void): void => {
    if (tryWithReserve(space, run)) return;
    throw new StoreOpenError(
      "store-full",
      `${file} cannot be marked, because the disk is full; free 1 MB, and try again`,
    );
  };
  const relocation = readRelocation(meta);
  write(() => {
    meta.set("holder", `afoot copy, ${holderName(at, hostname())}`);
    if (relocation !== undefined) return;
    expireClaimsOfDeadProcess(tables, createCommit(tables, policiesOf(database), space), at);
  });
  return {
    location: file,
    tables: copiedTables(tables),
    inProgress: inProgress.counts().reduce((sum, { count }) => sum + count, 0),
    relocation,
    rows: (table) => readRows(database, table),
    markRelocated: (to) => write(() => saveRelocation(meta, to)),
    close() {
      close();
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
