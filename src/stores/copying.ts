import type { RowValues } from "./values.ts";

/** A table as stores have it in common: what one of them gives, another one takes under the same names. */
export interface CopiedTable {
  readonly name: string;
  readonly columns: readonly string[];
  readonly rows: number;
  /** By column: numbers up to here were given before, also where their rows are gone. */
  readonly lastNumbers?: Readonly<Record<string, number>>;
}

/** What a store that was moved says of it. */
export interface Relocation {
  /** Names the one copy that took its place. */
  readonly copy: string;
  /** Where that is, for people: never with a password. */
  readonly to: string;
  readonly at: number;
}

/** A store to copy from, locked against every process that would open it. */
export interface CopySource {
  readonly location: string;
  readonly tables: readonly CopiedTable[];
  /** How many of the resources are in progress. */
  readonly inProgress: number;
  /** Set where an earlier copy went as far as to mark it. */
  readonly relocation: Relocation | undefined;
  /** Gives the rows one by one, never all of them at once; of each the values in the order of the table's columns. */
  rows(table: CopiedTable): Iterable<RowValues>;
  /** Durable on return. A store that was moved does not open. */
  markRelocated(moved: Relocation | undefined): void;
  /** Gives it free again. */
  close(): void;
}

/** A store to copy to. */
export interface CopyTarget {
  /** Where it is, for people: never with a password. */
  readonly location: string;
  /**
   * Begins the one transaction that a copy is, once every earlier one has ended; nobody else writes to the tables meanwhile.
   *
   * @throws StoreOpenError where it cannot be opened
   */
  begin(): Promise<CopyTransaction>;
}

/** A copy under way: seen by nobody until its commit, and gone without it. */
export interface CopyTransaction {
  /** Whether the copy of that name is what the store holds: it was committed. */
  isCommitted(copy: string): Promise<boolean>;
  /**
   * Looks whether the target can take the tables.
   *
   * @throws StoreOpenError `store-not-empty`; `store-tables` where a table or column has no counterpart
   */
  check(tables: readonly CopiedTable[]): Promise<void>;
  write(table: CopiedTable, rows: readonly RowValues[]): Promise<void>;
  /** How many rows the table has now. */
  count(table: CopiedTable): Promise<number>;
  /** Writes what is left to write: the name of the copy, and where numbers go on. */
  complete(copy: string, tables: readonly CopiedTable[]): Promise<void>;
  /** Durable on return. When it throws, only another `begin` finds out what became of it. */
  commit(): Promise<void>;
  /** Ends it; what was not committed is gone. */
  close(): Promise<void>;
}
