import type { DatabaseSync } from "node:sqlite";
import type { ReceivedMessage } from "../../../core/resource.ts";
import { MESSAGE_COLUMNS, messageOf, messageValues } from "../../rows.ts";
import { prepareInsert, prepareRows } from "../file/statement.ts";

/** Messages posted to resources, by the row of the resource: the same id is known again in its later operations too. */
export interface Received {
  message(row: number, id: string): ReceivedMessage | undefined;
  /** Those of one operation, by its root, in the order in which they came. */
  all(row: number, root: string): ReceivedMessage[];
  save(row: number, root: string, message: ReceivedMessage): void;
  /** Those up to an instant, but for the operation that may be gone on with. */
  removeUpTo(row: number, at: number, keptRoot: string | null): void;
}

const SELECT = `select ${MESSAGE_COLUMNS.join(", ")} from received where resource = ?`;

export function createReceived(database: DatabaseSync): Received {
  const select = prepareRows(database, `${SELECT} and id = ?`);
  const selectAll = prepareRows(database, `${SELECT} and root = ? order by position`);
  const insert = prepareInsert(database, "received", ["resource", "root", ...MESSAGE_COLUMNS]);
  const remove = database.prepare("delete from received where resource = ? and at <= ? and root is not ?");
  return {
    message(row, id) {
      const found = select.get(row, id);
      return found === undefined ? undefined : messageOf(found);
    },
    all: (row, root) => selectAll.all(row, root).map(messageOf),
    save: (row, root, message) => insert(row, root, ...messageValues(message)),
    removeUpTo(row, at, keptRoot) {
      remove.run(row, at, keptRoot);
    },
  };
}
