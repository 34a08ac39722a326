import type {
  IdempotentReply,
  ReceivedMessage,
  Resource,
  SequencedHistoryEntry,
  StepRecord,
  StoredClock,
  StoredType,
  TransactionRow,
} from "afoot/stores";

export interface Row extends TransactionRow {
  resource: Resource | undefined;
}

/** A row that is stored. */
export type StoredRow = Row & { resource: Resource };

/** The stored state. Another store over the same contents continues with them, as the next process does with a file. */
export class MemoryContents {
  readonly rows = new Map<string, StoredRow>();
  readonly history = new Map<number, SequencedHistoryEntry[]>();
  readonly records = new Map<string, Map<string, StepRecord>>();
  readonly received = new Map<number, Map<string, ReceivedMessage & { readonly root: string }>>();
  readonly replies = new Map<string, { readonly reply: IdempotentReply; readonly at: number }>();
  readonly claims = new Map<string, number>();
  readonly types = new Map<string, StoredType>();
  clock: StoredClock = { seenAt: undefined, totalMs: 0 };
  lastRowId = 0;
  lastSequence = 0;
}

/** Returns the records of an operation, in the order in which its steps began. */
export function recordsOf({ records }: MemoryContents, root: string): StepRecord[] {
  return [...(records.get(root)?.values() ?? [])].toSorted((a, b) => a.position - b.position);
}

/** Returns the key of a pair of texts. */
export function nameOf(first: string, second: string): string {
  return `${first}\0${second}`;
}
