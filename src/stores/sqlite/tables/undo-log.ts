/** Takes back what a transaction changed in memory, when it is rolled back. */
export interface UndoLog {
  add(undo: () => void): void;
  /** Where the log stands, for {@link UndoLog.backTo}. */
  mark(): number;
  backTo(mark: number): void;
  /** What was changed stays. */
  clear(): void;
}

export function createUndoLog(): UndoLog {
  const undos: (() => void)[] = [];
  return {
    add(undo) {
      undos.push(undo);
    },
    mark: () => undos.length,
    backTo(mark) {
      while (undos.length > mark) undos.pop()?.();
    },
    clear() {
      undos.length = 0;
    },
  };
}
