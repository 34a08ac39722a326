import type { ReceivedMessage } from "../../../core/resource.ts";
import { MESSAGE_COLUMNS, messageOf, messageValues } from "../../rows.ts";
import { number } from "../../values.ts";
import type { Session } from "../connection/connections.ts";
import {
  arraysOf,
  columnsOf,
  insertion,
  namesOf,
  type Statement,
  tableName,
  unnested,
} from "../connection/statement.ts";
import { byTargets, type Named, targetArrays } from "./targets.ts";
import type { PendingWrites } from "./unit-of-work.ts";

const COLUMNS = columnsOf({
  resource: "bigint",
  root: "text",
  id: "text",
  name: "text",
  value: "text",
  position: "integer",
  at: "bigint",
});

type Posted = readonly [row: number, message: ReceivedMessage];

/** Messages posted to resources. A repeated message id is recognized in later operations of the resource too. */
export interface Received {
  write(session: Session, writes: PendingWrites): Promise<unknown>[];
  /** Reads the messages that events name, of resources whose rows are locked. */
  named(session: Session, named: Named): Promise<readonly Posted[]>;
  /** Reads the messages of some operations, by row id and root, in the order of their arrival. */
  ofRoots(session: Session, roots: readonly (readonly [row: number, root: string])[]): Promise<readonly Posted[]>;
}

export function createReceived(schema: string): Received {
  const table = tableName(schema, "received");
  const cells = MESSAGE_COLUMNS.map((column) => `c.${column}`).join(", ");
  const insert: Statement = {
    name: "insert received",
    text: insertion(table, COLUMNS),
  };
  const named: Statement = {
    name: "select named received",
    text: byTargets(
      `c.resource, ${cells}`,
      tableName(schema, "resources"),
      `${table} c on c.resource = r.row and c.id = w.name`,
    ),
  };
  const roots = COLUMNS.slice(0, 2);
  const ofRoots: Statement = {
    name: "select received",
    text: `select c.resource, ${cells} from ${unnested(roots)} w (${namesOf(roots)})
      join ${table} c on c.resource = w.resource and c.root = w.root order by c.position`,
  };
  return {
    write(session, { messages }) {
      if (messages.length === 0) return [];
      const rows = messages.map(([row, root, message]) => [row, root, ...messageValues(message)]);
      return [session.run(insert, arraysOf("received", COLUMNS, rows))];
    },
    async named(session, names) {
      if (names.length === 0) return [];
      return (await session.run(named, targetArrays("received.id", names))).map(postedOf);
    },
    async ofRoots(session, operations) {
      if (operations.length === 0) return [];
      return (await session.run(ofRoots, arraysOf("received", roots, operations))).map(postedOf);
    },
  };
}

function postedOf([row, ...message]: readonly unknown[]): Posted {
  return [number(row), messageOf(message)];
}
