import { StoreOpenError, StoreUnavailableError } from "../../core/errors.ts";
import type { Store } from "../../core/store.ts";
import { type Connections, connect } from "./connections.ts";
import { checkPath } from "./location.ts";
import type { CallName, WriteCalls } from "./protocol.ts";
import type { Reader } from "./reader.ts";
import { messageOf } from "./sqlite-errors.ts";

export interface SqliteStoreOptions {
  /** The file. It and its folder are made where they are missing; beside it stand files of its name and `-wal`, `-shm`, `-lock`. */
  readonly path: string;
}

/**
 * Makes the store of a single process: one SQLite file, written in a thread of its own with one fsync for all that arrives
 * together, read in place. A second process that opens the file is refused.
 *
 * @throws StoreOpenError `store-path` for a path that names no file
 */
export function sqliteStore(options: SqliteStoreOptions): Store {
  const path = checkPath(options.path);
  let connections: Connections | undefined;
  let used = false;
  let closed: Promise<void> | undefined;

  const opened = (): Connections => {
    if (connections !== undefined && closed === undefined) return connections;
    throw new StoreUnavailableError(`The store ${path} is ${closed === undefined ? "not open yet" : "closed"}`);
  };
  const read = async <Result>(run: (reader: Reader) => Result | Promise<Result>): Promise<Result> => {
    const { reader } = opened();
    try {
      return await run(reader);
    } catch (error) {
      throw new StoreUnavailableError(`The store ${path} could not be read: ${messageOf(error)}`, { cause: error });
    }
  };
  const write = async <Name extends CallName>(call: Name, entries: readonly WriteCalls[Name]["entry"][]) =>
    entries.length === 0 ? [] : await opened().writer.write(call, entries);

  return {
    name: "sqlite",
    async open(openOptions) {
      if (used)
        throw new StoreOpenError("store-open", `The store ${path} was opened before; make another by sqliteStore()`);
      used = true;
      connections = await connect(path, openOptions);
    },
    close() {
      used = true;
      closed ??= connections?.close() ?? Promise.resolve();
      return closed;
    },

    apply: (changes) => write("apply", changes),
    claim: (requests) => write("claim", requests),
    async saveDurations(samples) {
      await write("saveDurations", samples);
    },
    async purge(request) {
      const [gone = 0] = await write("purge", [request]);
      return gone;
    },
    async counts() {
      const [counts = []] = await write("counts", [undefined]);
      return counts;
    },

    read: (keys) => read(({ resource }) => keys.map(resource)),
    readByOperation: (operations) => read(({ resourceByOperation }) => operations.map(resourceByOperation)),
    readReplies: (keys) => read(({ reply }) => keys.map(reply)),
    list: (query) => read(({ list }) => list(query)),
    history: (query) => read(({ history }) => history(query)),
    records: (root) => read(({ records }) => records(root)),
    nextDueAt: (places) => read(({ nextDueAt }) => nextDueAt(places)),
    overdue: (at, limit) => read(({ overdue }) => overdue(at, limit)),
    nextOverdueAt: () => read(({ nextOverdueAt }) => nextOverdueAt()),
    held: (workers) => read(({ held }) => held(workers)),
    durations: () => read(({ durations }) => durations()),
  };
}
