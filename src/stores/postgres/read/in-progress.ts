import type { TypeCount } from "../../../core/ports/reporting.ts";
import type { ClaimSlots, OverdueOperation, UnclaimedPage, UnclaimedQuery } from "../../../core/ports/store.ts";
import type { Resource } from "../../../core/resource.ts";
import type { TurnLimits } from "../../turns.ts";
import { number, numberOrNull, text } from "../../values.ts";
import type { Connections } from "../connection/connections.ts";
import { arrayOf, arraysOf, columnsOf, namesOf, type Statement, tableName, unnested } from "../connection/statement.ts";
import { turnSql } from "../connection/turn-sql.ts";
import { STORED_COLUMNS, storedOf } from "../tables/resource-table.ts";
import type { StoreTables } from "../tables/tables.ts";

/** Queries of the resources in progress. */
export interface InProgress {
  claimedOperations(workers: readonly string[] | undefined): Promise<Resource[]>;
  nextDueAt(slots: readonly Omit<ClaimSlots, "free">[]): Promise<number | undefined>;
  overdue(at: number, limit: number): Promise<OverdueOperation[]>;
  nextOverdueAt(): Promise<number | undefined>;
  unclaimedInProgress(query: UnclaimedQuery): Promise<UnclaimedPage>;
  counts(): Promise<TypeCount[]>;
}

const KIND = columnsOf({ type: "text", kind: "text" });

export function createInProgress(
  schema: string,
  connections: Connections,
  { records, turns }: Pick<StoreTables, "records" | "turns">,
): InProgress {
  const statements = statementsOf(schema);

  const stepsNotUndone = async (resources: readonly Resource[]): Promise<ReadonlyMap<string, readonly string[]>> => {
    const roots = resources.filter(({ operation }) => operation.undoable > 0).map(({ operation }) => operation.root);
    const found = (await records.ofRoots(connections, roots)).filter(
      ([, { undo, state }]) => undo && state !== "undone",
    );
    const byRoot = Map.groupBy(found, ([root]) => root);
    return new Map([...byRoot].map(([root, entries]) => [root, entries.map(([, { step }]) => step)]));
  };

  return {
    async claimedOperations(workers) {
      const rows =
        workers === undefined
          ? await connections.run(statements.claimed)
          : await connections.run(statements.claimedBy, [arrayOf("resources.worker", "text", workers)]);
      return rows.map((row) => storedOf(row).resource);
    },
    nextDueAt: (slots) => nextDueAt(connections, statements, turns.limits, slots),
    async overdue(at, limit) {
      const rows = await connections.run(statements.overdue, [at, limit]);
      const resources = rows.map((row) => storedOf(row).resource);
      const notUndone = await stepsNotUndone(resources);
      return resources.map((resource) => ({ resource, stepsNotUndone: notUndone.get(resource.operation.root) ?? [] }));
    },
    async nextOverdueAt() {
      const [row] = await connections.run(statements.nextOverdueAt);
      return numberOrNull(row?.[0]) ?? undefined;
    },
    async unclaimedInProgress({ types, limit, after = { nextDeadlineAt: -1, row: -1 } }) {
      const parameters = [arrayOf("resources.type", "text", types), after.nextDeadlineAt, after.row, limit];
      const rows = await connections.run(statements.unclaimed, parameters);
      const stored = rows.map(([, ...columns]) => storedOf(columns));
      const last = stored.length < limit ? undefined : stored.at(-1);
      return {
        resources: stored.map(({ resource }) => resource),
        next: last === undefined ? undefined : { row: last.rowId, nextDeadlineAt: number(rows.at(-1)?.[0]) },
      };
    },
    async counts() {
      const rows = await connections.run(statements.counts);
      return rows.map(([type, status, state, count]) => ({
        type: text(type),
        status: text(status),
        state: text(state),
        count: number(count),
      }));
    },
  };
}

/** Returns when an operation is due, or another one of a turn may be claimed. Types without turns run one statement. */
async function nextDueAt(
  connections: Connections,
  statements: ReturnType<typeof statementsOf>,
  limits: TurnLimits,
  slots: readonly Omit<ClaimSlots, "free">[],
): Promise<number | undefined> {
  const kinds = slots.flatMap(({ type, kinds: names }) => names.map((kind) => [type, kind]));
  if (kinds.length === 0) return undefined;
  const results = await Promise.all([
    connections.run(statements.nextDueAt, arraysOf("due", KIND, kinds)),
    ...slots
      .filter(({ type }) => limits.of(type) !== undefined)
      .map((of) => connections.run(statements.nextReadyAt, [of.type, arrayOf("kind", "text", of.kinds)])),
  ]);
  const instants = results.flatMap(([row]) => numberOrNull(row?.[0] ?? null) ?? []);
  return instants.length === 0 ? undefined : Math.min(...instants);
}

function statementsOf(schema: string) {
  const table = tableName(schema, "resources");
  return {
    claimed: {
      name: "select claimed",
      text: `select ${STORED_COLUMNS} from ${table} where worker is not null order by row`,
    },
    claimedBy: {
      name: "select claimed by workers",
      text: `select ${STORED_COLUMNS} from ${table} where worker = any($1::text[]) order by row`,
    },
    nextDueAt: {
      name: "select next due",
      text: `select min(due.due_at) from ${unnested(KIND)} w (${namesOf(KIND)}) cross join lateral (
          select r.due_at from ${table} r where r.type = w.type and r.kind = w.kind and r.due_at is not null
          order by r.due_at limit 1
        ) due`,
    },
    nextReadyAt: { name: "select next ready turn", text: turnSql(schema).nextReadyAt },
    overdue: {
      name: "select overdue",
      isPlannedByValues: true,
      text: `select ${STORED_COLUMNS} from ${table} where next_deadline_at <= $1 order by next_deadline_at, row limit $2`,
    },
    nextOverdueAt: {
      name: "select next overdue",
      text: `select min(next_deadline_at) from ${table} where next_deadline_at is not null`,
    },
    unclaimed: {
      name: "select unclaimed",
      isPlannedByValues: true,
      text: `select next_deadline_at, ${STORED_COLUMNS} from ${table}
        where next_deadline_at is not null and type = any($1::text[]) and worker is null and (next_deadline_at, row) > ($2, $3)
        order by next_deadline_at, row limit $4`,
    },
    counts: {
      name: "count all in progress",
      text: `select type, status, state, count(*) from ${table} where next_deadline_at is not null group by type, state, status`,
    },
  } satisfies Record<string, Statement>;
}
