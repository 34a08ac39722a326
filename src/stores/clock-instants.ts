/**
 * Columns of `resources` with instants of an operation in progress. All of them move by a clock step. The instants of
 * what has happened, such as `created_at` and the history, stay as they were recorded.
 */
const OPERATION_INSTANTS = [
  "due_at",
  "next_deadline_at",
  "updated_at",
  "estimated_end_at",
  "accepted_at",
  "started_at",
  "attempt_at",
  "timeout_at",
  "deadline_at",
  "undo_deadline_at",
  "last_step_at",
  "turn_due_at",
];

/** Worker sequences stay far below this. Status messages use their instant as `sequence`. */
const MIN_INSTANT = 100_000_000_000;

/** The tables that a clock step changes, and the placeholders of a store's SQL. */
export interface ClockStepNames {
  readonly resources: string;
  readonly records: string;
  readonly replies: string;
  readonly turns: string;
  /** Milliseconds of the step. */
  readonly byMs: string;
  /** The range of `updated_at`. */
  readonly from: string;
  readonly to: string;
}

/** Statements that move the instants of operations in progress, to be run in this order. */
export interface ClockStepStatements {
  /** Parameters: byMs, from, to. */
  readonly records: string;
  /** Parameters: byMs, from, to. */
  readonly resources: string;
  /** Parameter: byMs. Only for a step back: a turn that is ready too early is merely checked in vain. */
  readonly turns: string;
  /**
   * Parameter: byMs. Only for a step forward, which would otherwise end the retention of tombstones and stored replies
   * at once. After a step back, they are kept longer.
   */
  readonly retained: readonly string[];
}

export function clockStepStatements(names: ClockStepNames): ClockStepStatements {
  const { resources, records, replies, turns, byMs, from, to } = names;
  const moved = `next_deadline_at is not null and updated_at between ${from} and ${to}`;
  const instants = OPERATION_INSTANTS.map((column) => `${column} = ${column} + ${byMs}`);
  // A message that is sent after a step back must not lose against one from before it.
  const sequence = `sequence = case when sequence > ${MIN_INSTANT} and ${byMs} < 0 then sequence + ${byMs} else sequence end`;
  return {
    records: `update ${records} set at = at + ${byMs} where root in (select root from ${resources} where ${moved})`,
    resources: `update ${resources} set ${[...instants, sequence].join(", ")} where ${moved}`,
    turns: `update ${turns} set ready_at = ready_at + ${byMs} where ready_at is not null`,
    retained: [
      `update ${resources} set deleted_at = deleted_at + ${byMs} where deleted_at is not null`,
      `update ${replies} set at = at + ${byMs}`,
    ],
  };
}
