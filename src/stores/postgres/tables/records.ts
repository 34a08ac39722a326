import type { StepRecord } from "../../../core/resource.ts";
import { RECORD_COLUMNS, recordOf, recordValues } from "../../rows.ts";
import { text } from "../../values.ts";
import type { Session } from "../connection/connections.ts";
import { arrayOf, arraysOf, columnsOf, insertion, type Statement, tableName } from "../connection/statement.ts";
import { byTargets, type Named, targetArrays } from "./targets.ts";
import type { PendingWrites } from "./unit-of-work.ts";

const COLUMNS = columnsOf({
  root: "text",
  step: "text",
  state: "text",
  result: "text",
  error: "text",
  undo: "boolean",
  position: "integer",
  generation: "integer",
  at: "bigint",
});

type RootedRecord = readonly [root: string, record: StepRecord];

/** Step records, by the root of their operation. */
export interface Records {
  write(session: Session, writes: PendingWrites): Promise<unknown>[];
  /** Reads the records that events name, of operations whose rows are locked. */
  named(session: Session, named: Named): Promise<readonly RootedRecord[]>;
  /** Reads all records of some roots, in the order in which the steps began. */
  ofRoots(session: Session, roots: readonly string[]): Promise<readonly RootedRecord[]>;
}

export function createRecords(schema: string): Records {
  const table = tableName(schema, "records");
  const cells = RECORD_COLUMNS.map((column) => `c.${column}`).join(", ");
  const sets = COLUMNS.slice(2).map(({ name }) => `${name} = excluded.${name}`);
  const upsert: Statement = {
    name: "upsert records",
    text: `${insertion(table, COLUMNS)}
      on conflict (root, step) do update set ${sets.join(", ")}`,
  };
  const removeFailed: Statement = {
    name: "delete failed records",
    text: `delete from ${table} where root = any($1::text[]) and state = 'failed' and not undo`,
  };
  const reopenFailed: Statement = {
    name: "reopen failed records",
    text: `update ${table} set state = 'started', result = null, error = null
      where root = any($1::text[]) and state = 'failed' and undo`,
  };
  const drop: Statement = {
    name: "delete dropped records",
    text: `delete from ${table} c using unnest($1::text[], $2::text[]) w (root, step) where c.root = w.root and c.step = w.step`,
  };
  const remove: Statement = { name: "delete records", text: `delete from ${table} where root = any($1::text[])` };
  const named: Statement = {
    name: "select named records",
    text: byTargets(
      `c.root, ${cells}`,
      tableName(schema, "resources"),
      `${table} c on c.root = r.root and c.step = w.name`,
    ),
  };
  const ofRoots: Statement = {
    name: "select records",
    text: `select c.root, ${cells} from ${table} c where c.root = any($1::text[]) order by c.position`,
  };

  return {
    write(session, { records, cleared, dropped, removed }) {
      const saved = [...records.values()].map(([root, record]) => [root, ...recordValues(record)]);
      const roots = (names: ReadonlySet<string>): string[] => [arrayOf("records.root", "text", [...names])];
      return [
        // Before the records that were saved later: those are not cleared.
        ...(cleared.size === 0 ? [] : [removeFailed, reopenFailed].map((each) => session.run(each, roots(cleared)))),
        ...(dropped.size === 0
          ? []
          : [session.run(drop, arraysOf("records", COLUMNS.slice(0, 2), [...dropped.values()]))]),
        ...(saved.length === 0 ? [] : [session.run(upsert, arraysOf("records", COLUMNS, saved))]),
        ...(removed.size === 0 ? [] : [session.run(remove, roots(removed))]),
      ];
    },
    async named(session, names) {
      if (names.length === 0) return [];
      return (await session.run(named, targetArrays("records.step", names))).map(rootedOf);
    },
    async ofRoots(session, roots) {
      if (roots.length === 0) return [];
      return (await session.run(ofRoots, [arrayOf("records.root", "text", roots)])).map(rootedOf);
    },
  };
}

function rootedOf([root, ...record]: readonly unknown[]): RootedRecord {
  return [text(root), recordOf(record)];
}
