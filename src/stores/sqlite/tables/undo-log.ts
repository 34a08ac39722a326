/** Reverts the changes of a transaction to state in memory, if the transaction is rolled back. */
export interface UndoLog {
  add(undo: () => void): void;
  /** Returns the length of the log, for {@link UndoLog.rollbackTo}. */
  position(): number;
  rollbackTo(position: number): void;
  /** Empties the log after a commit. */
  clear(): void;
}

export function createUndoLog(): UndoLog {
  const undos: (() => void)[] = [];
  return {
    add(undo) {
      undos.push(undo);
    },
    position: () => undos.length,
    rollbackTo(position) {
      while (undos.length > position) undos.pop()?.();
    },
    clear() {
      undos.length = 0;
    },
  };
}
