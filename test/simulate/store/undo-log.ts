/** Steps that take back the writes of a transaction. */
export class UndoLog {
  #steps: (() => void)[] = [];

  add(step: () => void): void {
    this.#steps.push(step);
  }

  /** Runs a write. If it throws, its writes are taken back. */
  run<Result>(write: () => Result): Result {
    this.#steps = [];
    try {
      return write();
    } catch (error) {
      for (const step of this.#steps.toReversed()) step();
      throw error;
    }
  }

  /** Sets an entry of a map. */
  set<Key, Value>(map: Map<Key, Value>, key: Key, value: Value): void {
    const before = map.get(key);
    const existed = map.has(key);
    map.set(key, value);
    this.add(() => {
      if (existed && before !== undefined) map.set(key, before);
      else map.delete(key);
    });
  }
}
