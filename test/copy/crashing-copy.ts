// Moves a store, and kills itself right before its Nth write to either side. Of the tables only the first and the last
// count as writes.
import { move } from "../../src/cli/copy/move.ts";
import type { CopySource, CopyTarget, CopyTransaction } from "../../src/stores/copying.ts";
import { postgresCopyTarget } from "../../src/stores/postgres/copy/target.ts";
import { openCopySource } from "../../src/stores/sqlite/copy-source.ts";

const [path = "", url = "", schema = "", crashAt = ""] = process.argv.slice(2);
let writes = 0;

function writing(): void {
  writes += 1;
  if (writes === Number(crashAt)) process.kill(process.pid, "SIGKILL");
}

function crashingSource(source: CopySource): CopySource {
  return {
    ...source,
    markRelocated(moved) {
      writing();
      source.markRelocated(moved);
    },
  };
}

function crashingTransaction(transaction: CopyTransaction, source: CopySource): CopyTransaction {
  const counted = new Set([source.tables[0], source.tables.at(-1)]);
  return {
    ...transaction,
    async write(table, rows) {
      if (counted.has(table)) writing();
      await transaction.write(table, rows);
    },
    async complete(copy, tables) {
      writing();
      await transaction.complete(copy, tables);
    },
    async commit() {
      writing();
      await transaction.commit();
      writing();
    },
  };
}

function crashingTarget(target: CopyTarget, source: CopySource): CopyTarget {
  return { ...target, begin: async () => crashingTransaction(await target.begin(), source) };
}

const source = openCopySource(path, Date.now());
await move({
  source: crashingSource(source),
  target: crashingTarget(postgresCopyTarget({ url, schema }), source),
  copy: `copy ${crashAt}`,
  at: Date.now(),
  onRows: () => {},
});
