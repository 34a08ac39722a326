import type { Policies } from "../../../core/policy.ts";
import { type ENTRY_COLUMNS, type EntryChange, entryChange } from "../../list-entries.ts";
import type { Session } from "../connection/connections.ts";
import { arrayOf, arraysOf, columnsOf, insertion, type Statement, tableName } from "../connection/statement.ts";
import type { UnitOfWork } from "./unit-of-work.ts";

const COLUMNS = columnsOf({
  resource: "bigint",
  name: "text",
  value: "text",
  type: "text",
  owner: "text",
  at: "bigint",
  id: "text",
} as const satisfies Record<(typeof ENTRY_COLUMNS)[number], string>);

/** Lists of resources by metadata and by change. */
export interface ListEntries {
  /** Returns the promises to await; none if no row changes its entries. */
  write(session: Session, unitOfWork: UnitOfWork): Promise<unknown>[];
  /** Returns true if the rows of a transaction change no entry. */
  isUnchanged(unitOfWork: UnitOfWork): boolean;
}

export function createListEntries(schema: string, policies: Policies): ListEntries {
  const table = tableName(schema, "list_entries");
  const remove: Statement = {
    name: "delete list entries",
    text: `delete from ${table} e using unnest($1::bigint[], $2::boolean[]) w (row, is_whole)
      where e.resource = w.row and (w.is_whole or e.name = '')`,
  };
  const insert: Statement = { name: "insert list entries", text: insertion(table, COLUMNS) };

  const changesOf = ({ resources }: UnitOfWork): (readonly [row: number, change: EntryChange])[] => {
    const changes: (readonly [number, EntryChange])[] = [];
    for (const { rowId, resource, stored, isChanged } of resources.rows()) {
      if (resource === undefined || (stored !== undefined && !isChanged)) continue;
      const change = entryChange(rowId, resource, stored, policies.get(resource.type));
      if (change !== undefined) changes.push([rowId, change]);
    }
    return changes;
  };

  return {
    isUnchanged: (unitOfWork) => changesOf(unitOfWork).length === 0,
    write(session, unitOfWork) {
      const changes = changesOf(unitOfWork);
      if (changes.length === 0) return [];
      const rows = changes.map(([row]) => row);
      const whole = changes.map(([, { isWhole }]) => (isWhole ? 1 : 0));
      const entries = changes.flatMap(([, change]) => change.entries);
      return [
        session.run(remove, [
          arrayOf("list_entries.resource", "bigint", rows),
          arrayOf("list_entries.is_whole", "boolean", whole),
        ]),
        ...(entries.length === 0 ? [] : [session.run(insert, arraysOf("list_entries", COLUMNS, entries))]),
      ];
    },
  };
}
