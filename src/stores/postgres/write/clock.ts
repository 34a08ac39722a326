import type { Change } from "../../../core/change.ts";
import { StaleClockError } from "../../../core/errors.ts";
import {
  type AdjustedClock,
  clockAdjustment,
  type ClockReading,
  type ClockStep,
} from "../../../core/scheduling/clock-step.ts";
import { clockStepStatements } from "../../clock-instants.ts";
import { number } from "../../values.ts";
import type { Connections, Parameter, Session, Transaction } from "../connection/connections.ts";
import { SELECT_NOW, type Statement, tableName } from "../connection/statement.ts";

/** The part of the store that follows the wall clock, and checks that the database can be written. */
export interface ClockWriting {
  adjustToClock(reading: ClockReading): Promise<AdjustedClock>;
  checkWritable(): Promise<void>;
}

const ALL_INSTANTS = [Number.MIN_SAFE_INTEGER, Number.MAX_SAFE_INTEGER] as const;

export function createClockWriting(schema: string, connections: Connections): ClockWriting {
  const statements = statementsOf((name) => tableName(schema, name));

  const move = async (transaction: Transaction, { byMs, updatedBetween = ALL_INSTANTS }: ClockStep): Promise<void> => {
    const parameters: readonly Parameter[] = [byMs, ...updatedBetween];
    await transaction.run(statements.records, parameters);
    await transaction.run(statements.resources, parameters);
    if (byMs < 0) await transaction.run(statements.turns, [byMs]);
    if (byMs > 0) for (const statement of statements.retained) await transaction.run(statement, [byMs]);
  };

  return {
    adjustToClock: (reading) =>
      connections.transaction(async (transaction) => {
        // Locks the row, so that nodes adjust one after the other, however long it takes.
        void transaction.run(statements.wait);
        const [seen] = await transaction.run(statements.lock, ["seen_at", String(reading.at)]);
        const [total] = await transaction.run(statements.lock, ["clock_moved_by", "0"]);
        const before = { seenAt: number(seen?.[0]), totalMs: number(total?.[0]) };
        const { step, stored, totalMs } = clockAdjustment(before, reading);
        if (step !== undefined) await move(transaction, step);
        await Promise.all([
          transaction.run(statements.save, ["seen_at", String(stored.seenAt)]),
          transaction.run(statements.save, ["clock_moved_by", String(stored.totalMs)]),
          transaction.commit(),
        ]);
        return { movedMs: step?.byMs ?? 0, totalMs };
      }),
    async checkWritable() {
      await connections.run(statements.check);
    },
  };
}

function statementsOf(table: (name: string) => string) {
  const meta = table("meta");
  const step = clockStepStatements({
    resources: table("resources"),
    records: table("records"),
    replies: table("replies"),
    turns: table("turns"),
    byMs: "$1::bigint",
    from: "$2::bigint",
    to: "$3::bigint",
  });
  return {
    lock: {
      name: "lock clock",
      text: `insert into ${meta} as m (name, value) values ($1, $2)
        on conflict (name) do update set value = m.value returning value::bigint`,
    },
    wait: { name: "wait for locks", text: "set local lock_timeout = 0" },
    save: { name: "save clock", text: `update ${meta} set value = $2 where name = $1` },
    check: {
      name: "check writable",
      text: `insert into ${meta} as m (name, value) values ('checked', '') on conflict (name) do update set value = m.value`,
    },
    records: { name: "move records", text: step.records },
    resources: { name: "move resources", text: step.resources },
    turns: { name: "move turns", text: step.turns },
    retained: step.retained.map((text, index) => ({ name: `move retained ${index}`, text })),
  } satisfies Record<string, Statement | readonly Statement[]>;
}

/** Compares the instants of changes with the database's clock. @throws StaleClockError */
export async function checkClock(session: Session, changes: readonly Change[], maxClockDriftMs: number): Promise<void> {
  if (maxClockDriftMs === Infinity) return;
  const [row] = await session.run(SELECT_NOW);
  if (Math.abs(latestOf(changes) - number(row?.[0])) > maxClockDriftMs) throw new StaleClockError();
}

export function latestOf(changes: readonly Change[]): number {
  return changes.reduce((latest, { at }) => Math.max(latest, at), Number.NEGATIVE_INFINITY);
}
