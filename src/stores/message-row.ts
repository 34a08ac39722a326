import type { ReceivedMessage } from "../core/resource.ts";
import { type ColumnValue, number, type RowValues, text } from "./values.ts";

/** The columns of a received message but for its resource and root, in the order of {@link messageValues}. */
export const MESSAGE_COLUMNS = ["id", "name", "value", "position", "at"] as const;

export function messageValues({ id, name, value, position, at }: ReceivedMessage): ColumnValue[] {
  return [id, name, value, position, at];
}

export function messageOf([id, name, value, position, at]: RowValues): ReceivedMessage {
  return { id: text(id), name: text(name), value: text(value), position: number(position), at: number(at) };
}
