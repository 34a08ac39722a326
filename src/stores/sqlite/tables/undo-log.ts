/** Takes back what a transaction changed in memory, when it is rolled back. */
export interface UndoLog {
  add(undo: () => void): void;
  /** Where the log stands, for {@link UndoLog.rollbackTo}. */
  position(): number;
  rollbackTo(mark: number): void;
  /** What was changed stays. */
  clear(): void;
}

export function createUndoLog(): UndoLog {
  const undos: (() => void)[] = [];
  return {
    add(undo) {
      undos.push(undo);
    },
    position: () => undos.length,
    rollbackTo(mark) {
      while (undos.length > mark) undos.pop()?.();
    },
    clear() {
      undos.length = 0;
    },
  };
}
