import { StoreOpenError, StoreUnavailableError } from "../../core/errors.ts";
import type { Store } from "../../core/ports/store.ts";
import type { Resource, ResourceKey } from "../../core/resource.ts";
import type { MaybePromise } from "../../core/scheduling/promises.ts";
import { connect, type Connections } from "./connections.ts";
import { checkPath } from "./file/location.ts";
import { messageOf } from "./file/sqlite-errors.ts";
import type { Reader } from "./reader/reader.ts";
import { Thread } from "./writer/thread.ts";
import type { Writer } from "./writer/writer.ts";

/** Options of {@link sqliteStore}. */
export interface SqliteStoreOptions {
  /**
   * The file. It and its folder are created if missing; beside it are files of its name with `-wal`,
   * `-shm`, `-lock` and `-reserve`.
   */
  readonly path: string;
}

/**
 * Creates the store of a single process: one SQLite file, read in place and written in a separate thread. Writes that
 * arrive together share one fsync (group commit). A second process cannot open the file.
 *
 * @throws StoreOpenError `store-path` for a path that names no file
 */
export function sqliteStore(options: SqliteStoreOptions): Store {
  const path = checkPath(options.path);
  let thread: Thread | undefined;
  let opening: Promise<Connections> | undefined;
  let connections: Connections | undefined;
  let closed: Promise<void> | undefined;

  const opened = (): Connections => {
    if (connections !== undefined && closed === undefined) return connections;
    throw new StoreUnavailableError(`The store ${path} is ${closed === undefined ? "not open yet" : "closed"}`);
  };
  const close = async (): Promise<void> => {
    // A failed opening has cleaned up after itself, and its error went to the caller of open().
    const open = await opening?.catch(() => undefined);
    await (open ?? thread)?.close();
  };
  const read = async <Result>(run: (reader: Reader) => MaybePromise<Result>): Promise<Result> =>
    attempt(path, opened().reader, run);
  const write = async <Result>(run: (writer: Writer) => Promise<Result>): Promise<Result> => run(opened().writer);

  return {
    name: "sqlite",
    prepare() {
      if (closed === undefined) thread ??= new Thread();
    },
    async open(openOptions) {
      if (opening !== undefined || closed !== undefined) {
        throw new StoreOpenError(
          "store-open",
          `The store ${path} was opened or closed before; create another with sqliteStore()`,
        );
      }
      thread ??= new Thread();
      opening = connect(path, thread, openOptions);
      connections = await opening;
    },
    close() {
      closed ??= close();
      return closed;
    },

    apply: (changes) => write((writer) => writer.apply(changes)),
    claim: (requests) => write((writer) => writer.claim(requests)),
    purge: (request) => write((writer) => writer.purge(request)),
    adjustToClock: (reading) => write((writer) => writer.adjustToClock(reading)),
    checkWritable: () => write((writer) => writer.checkWritable()),

    readNow: (key) => readNow(path, opened().reader, key),
    ...readMethods(read),
    turns: { queue: (query) => read((reader) => reader.turnQueue(query)) },
    reporting: {
      search: (query) => read((reader) => reader.search(query)),
      statusCounts: (query) => read((reader) => reader.statusCounts(query)),
      inProgressCounts: () => write((writer) => writer.inProgressCounts()),
      saveDurations: (samples) => write((writer) => writer.saveDurations(samples)),
      durations: () => read((reader) => reader.durations()),
      addSettledCounts: (counts) => write((writer) => writer.addSettledCounts(counts)),
      settledCounts: (query) => read((reader) => reader.settledCounts(query)),
    },
  };
}

function readNow(path: string, reader: Reader, key: ResourceKey): Resource | undefined {
  try {
    return reader.resource(key);
  } catch (error) {
    throw readErrorOf(path, error);
  }
}

/** The methods that only read. */
function readMethods(read: <Result>(run: (reader: Reader) => MaybePromise<Result>) => Promise<Result>) {
  return {
    read: (keys) => read((reader) => keys.map(reader.resource)),
    readByOperation: (operations) => read((reader) => operations.map(reader.resourceByOperation)),
    readReplies: (keys) => read((reader) => keys.map(reader.reply)),
    list: (query) => read((reader) => reader.list(query)),
    find: (query) => read((reader) => reader.find(query)),
    types: () => read((reader) => reader.types()),
    history: (query) => read((reader) => reader.history(query)),
    records: (root) => read((reader) => reader.records(root)),
    nextDueAt: (slots) => read((reader) => reader.nextDueAt(slots)),
    overdue: (at, limit) => read((reader) => reader.overdue(at, limit)),
    nextOverdueAt: () => read((reader) => reader.nextOverdueAt()),
    unclaimedInProgress: (query) => read((reader) => reader.unclaimedInProgress(query)),
    claimedOperations: (workers) => read((reader) => reader.claimedOperations(workers)),
  } satisfies Partial<Store>;
}

async function attempt<Result>(
  path: string,
  reader: Reader,
  run: (reader: Reader) => MaybePromise<Result>,
): Promise<Result> {
  try {
    return await run(reader);
  } catch (error) {
    throw readErrorOf(path, error);
  }
}

function readErrorOf(path: string, error: unknown): StoreUnavailableError {
  return new StoreUnavailableError(`The store ${path} could not be read: ${messageOf(error)}`, { cause: error });
}
