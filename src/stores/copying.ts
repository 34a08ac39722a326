import type { RowValues } from "./values.ts";

/** A table that all stores have in common, under the same name and with the same column names. */
export interface CopiedTable {
  readonly name: string;
  readonly columns: readonly string[];
  readonly rows: number;
  /** Highest number ever assigned, by column, including numbers of removed rows. */
  readonly lastNumbers?: Readonly<Record<string, number>>;
}

/** The mark of a store that was moved. */
export interface Relocation {
  /** Id of the copy that replaced this store. */
  readonly copy: string;
  /** Location of the copy, for display. Never contains a password. */
  readonly to: string;
  readonly at: number;
}

/** A store to copy from. It is locked, so no process can open it. */
export interface CopySource {
  readonly location: string;
  readonly tables: readonly CopiedTable[];
  /** Number of resources in progress. */
  readonly inProgress: number;
  /** Set if an earlier copy has marked the store. */
  readonly relocation: Relocation | undefined;
  /** Reads the rows one by one, never all at once. The values are in the order of the table's columns. */
  rows(table: CopiedTable): Iterable<RowValues>;
  /** Marks the store as moved. The mark is durable on return, and a marked store does not open. */
  markRelocated(relocation: Relocation | undefined): void;
  /** Releases the lock. */
  close(): void;
}

/** A store to copy to. */
export interface CopyTarget {
  /** Location for display. Never contains a password. */
  readonly location: string;
  /**
   * Begins the single transaction of a copy. Waits for earlier copies, and locks the tables against other writers.
   *
   * @throws StoreOpenError if the target cannot be opened
   */
  begin(): Promise<CopyTransaction>;
}

/** The transaction of a copy. Invisible until its commit, and discarded without one. */
export interface CopyTransaction {
  /** Returns true if the copy with this id was committed. */
  isCommitted(copy: string): Promise<boolean>;
  /**
   * Checks that the target can hold the tables.
   *
   * @throws StoreOpenError `store-not-empty`; `store-tables` if a table or column has no counterpart
   */
  check(tables: readonly CopiedTable[]): Promise<void>;
  write(table: CopiedTable, rows: readonly RowValues[]): Promise<void>;
  /** Counts the rows that the table has now. */
  count(table: CopiedTable): Promise<number>;
  /** Writes the id of the copy, and advances the sequences beyond the copied numbers. */
  complete(copy: string, tables: readonly CopiedTable[]): Promise<void>;
  /**
   * Commits durably. If it throws, the outcome is unknown until another `begin` calls
   * {@link CopyTransaction.isCommitted}.
   */
  commit(): Promise<void>;
  /** Ends the transaction and discards everything that was not committed. */
  close(): Promise<void>;
}
