import type { DatabaseSync } from "node:sqlite";
import type { ReceivedMessage } from "../../../core/resource.ts";
import { MESSAGE_COLUMNS, messageOf, messageValues } from "../../rows.ts";
import { prepareInsert, prepareRows } from "../file/statement.ts";

/**
 * Messages posted to resources, by row id. A repeated message id is recognized in later operations of the resource too.
 */
export interface Received {
  message(rowId: number, id: string): ReceivedMessage | undefined;
  /** Reads the messages of one operation, by its root, in the order of their arrival. */
  all(rowId: number, root: string): ReceivedMessage[];
  save(rowId: number, root: string, message: ReceivedMessage): void;
  /** Removes the messages up to an instant, except those of `keptRoot`, which a retry may continue. */
  removeUpTo(rowId: number, at: number, keptRoot: string | null): void;
}

const SELECT = `select ${MESSAGE_COLUMNS.join(", ")} from received where resource = ?`;

export function createReceived(database: DatabaseSync): Received {
  const select = prepareRows(database, `${SELECT} and id = ?`);
  const selectAll = prepareRows(database, `${SELECT} and root = ? order by position`);
  const insert = prepareInsert(database, "received", ["resource", "root", ...MESSAGE_COLUMNS]);
  const remove = database.prepare("delete from received where resource = ? and at <= ? and root is not ?");
  return {
    message(rowId, id) {
      const found = select.get(rowId, id);
      return found === undefined ? undefined : messageOf(found);
    },
    all: (rowId, root) => selectAll.all(rowId, root).map(messageOf),
    save: (rowId, root, message) => insert(rowId, root, ...messageValues(message)),
    removeUpTo(rowId, at, keptRoot) {
      remove.run(rowId, at, keptRoot);
    },
  };
}
