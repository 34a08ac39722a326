import type { Policies } from "../core/policy.ts";
import type { Resource } from "../core/resource.ts";

/** The key of operations of one type, of which a limited number is claimed at a time. */
export interface Turn {
  readonly type: string;
  readonly turn: string;
  /** Instant from which another operation may be claimed: from then on the turn waits for a worker. */
  readonly readyAt: number;
}

const NONE: readonly Turn[] = [];

/** Returns the turns that a change makes ready: it releases an operation, or makes one due. */
export function readyTurns(before: Resource | undefined, { type, operation }: Resource, at: number): readonly Turn[] {
  const { turn, dueAt, worker } = operation;
  const released = worker === null && before?.operation.worker !== null ? (before?.operation.turn ?? null) : null;
  if (turn === null && released === null) return NONE;
  return [
    ...(released === null ? [] : [{ type, turn: released, readyAt: at }]),
    ...(turn === null || dueAt === null ? [] : [{ type, turn, readyAt: dueAt }]),
  ];
}

/** Limits by type. A type without a limit may still have operations with a turn, from before its declaration changed. */
export class TurnLimits {
  readonly #limits: Map<string, number>;

  constructor(policies: Policies) {
    this.#limits = new Map([...policies.values()].map(({ type, turnLimit = NaN }) => [type, turnLimit]));
  }

  /** Returns undefined for a type whose operations have no turns. */
  of(type: string): number | undefined {
    const limit = this.#limits.get(type);
    return Number.isNaN(limit) ? undefined : limit;
  }

  /** Adds types whose operations have turns. */
  add(types: readonly string[]): void {
    for (const type of types) this.#limits.set(type, this.of(type) ?? NO_LIMIT);
  }
}

const NO_LIMIT = 2 ** 31 - 1;

/** Maximum number of turns that a claim checks in addition to its free slots: those at their limit grant it nothing. */
export const MORE_TURNS = 20;

/** Merges queues: first the first operation of each, then the second ones, and so on. */
export function interleave<Row>(queues: readonly (readonly Row[])[]): readonly Row[] {
  const longest = Math.max(0, ...queues.map(({ length }) => length));
  return Array.from({ length: longest }, (_, round) => queues.flatMap((queue) => queue.slice(round, round + 1))).flat();
}

/** The tables of turns, and the SQL dialect of a store. */
export interface TurnTables {
  readonly turns: string;
  readonly resources: string;
  /** Placeholder of a parameter. */
  readonly $: (position: number) => string;
  /** Comparison with a parameter that is a list of texts. */
  readonly isIn: (position: number) => string;
}

/** Texts of the shared statements. */
export interface TurnStatements extends Readonly<
  Record<"claimed" | "types" | "ready" | "update" | "remove" | "nextReadyAt" | "queue", string>
> {
  /** @param rows a query or a list of rows with type, turn and instant */
  readonly upsert: (rows: string) => string;
}

/** Statements that all stores share. Subqueries end with a limit, so that none is planned as a join of all due rows. */
export function turnStatements({ turns, resources, $, isIn }: TurnTables): TurnStatements {
  const due = `from ${resources} r where r.type = ${$(1)} and r.turn = t.turn and r.turn_due_at <= ${$(2)}`;
  const claimed = `(select count(*) from ${resources} c where c.type = ${$(1)} and c.turn = t.turn and c.worker is not null)`;
  return {
    claimed,
    types: `select distinct type from ${turns}`,
    /** Parameters: type, at, kinds, excluded turns, limit. A turn without a due operation is found too, to remove it. */
    ready: `select t.turn from ${turns} t where t.type = ${$(1)} and t.ready_at <= ${$(2)} and not (t.turn ${isIn(4)})
      and ((select r.row ${due} and r.kind ${isIn(3)} limit 1) is not null or (select r.row ${due} limit 1) is null)
      order by t.ready_at, t.turn limit ${$(5)}`,
    /** Parameters: type, at, turns, limit of the turns. */
    update: `update ${turns} as t set ready_at = case
        when ${claimed} >= ${$(4)} then null
        when (select r.row ${due} limit 1) is not null then ${$(2)}
        else (select min(r.turn_due_at) from ${resources} r
          where r.type = ${$(1)} and r.turn = t.turn and r.turn_due_at is not null)
      end where t.type = ${$(1)} and t.turn ${isIn(3)}`,
    /** Parameters: type, turns. */
    remove: `delete from ${turns} as t where t.type = ${$(1)} and t.turn ${isIn(2)} and t.ready_at is null
      and ${claimed} = 0`,
    /** Parameters: type, kinds. */
    nextReadyAt: `select t.ready_at from ${turns} t where t.type = ${$(1)} and t.ready_at is not null and (
        select r.row from ${resources} r where r.type = ${$(1)} and r.turn = t.turn and r.turn_due_at is not null
          and r.kind ${isIn(2)} limit 1
      ) is not null order by t.ready_at limit 1`,
    /** Parameters: type, at, turn, limit. */
    queue: `select operation from ${resources} where type = ${$(1)} and turn_due_at <= ${$(2)} and turn = ${$(3)}
      order by accepted_at, operation limit ${$(4)}`,
    upsert: (rows) => `insert into ${turns} as t (type, turn, ready_at) ${rows}
      on conflict (type, turn) do update set ready_at = excluded.ready_at
      where t.ready_at is null or t.ready_at > excluded.ready_at`,
  };
}
