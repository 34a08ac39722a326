import type { StepRecord } from "../core/resource.ts";
import { errorOf } from "./json-columns.ts";
import { type ColumnValue, flag, jsonOrNull, number, type RowValues, text, textOrNull } from "./values.ts";

/** The columns of a step's record but for the root of its operation, in the order of {@link recordValues}. */
export const RECORD_COLUMNS = ["step", "state", "result", "error", "undo", "position", "generation", "at"] as const;

export function recordValues(record: StepRecord): ColumnValue[] {
  const { step, state, result, error, undo, position, generation, at } = record;
  return [step, state, result, jsonOrNull(error), undo ? 1 : 0, position, generation, at];
}

export function recordOf([step, state, result, error, undo, position, generation, at]: RowValues): StepRecord {
  return {
    step: text(step),
    state: stateOf(state),
    result: textOrNull(result),
    error: errorOf(error),
    undo: flag(undo),
    position: number(position),
    generation: number(generation),
    at: number(at),
  };
}

const STATES: ReadonlyMap<unknown, StepRecord["state"]> = new Map(
  (["started", "done", "failed", "undone"] as const).map((state) => [state, state]),
);

function stateOf(value: unknown): StepRecord["state"] {
  const state = STATES.get(value);
  if (state === undefined) throw new TypeError(`records.state: ${JSON.stringify(value)} is no state of a step`);
  return state;
}
