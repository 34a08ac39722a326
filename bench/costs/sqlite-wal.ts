import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { DatabaseSync } from "node:sqlite";

const HEADER_BYTES = 32;
const FRAME_HEADER_BYTES = 24;

/** Frames that were written to the WAL. */
export interface WalFrames {
  readonly commits: number;
  /** Number of frames by table or index. */
  readonly pages: Readonly<Record<string, number>>;
}

/** Keeps a snapshot open while it exists, so that the WAL only grows and its frames can be counted. */
export class WalReader implements Disposable {
  readonly #path: string;
  readonly #database: DatabaseSync;
  #from = 0;

  constructor(path: string) {
    this.#path = path;
    this.#database = new DatabaseSync(path, { readOnly: true, timeout: 5000 });
    this.#database.exec("begin; select count(*) from sqlite_schema");
  }

  /**
   * Begins to count. Returns false if a checkpoint has just moved all frames to the database: the snapshot then does not
   * read the WAL, so the next commit would begin it anew.
   */
  start(): boolean {
    const index = walIndex(this.#path);
    this.#from = index.readUInt32LE(LAST_FRAME_OFFSET);
    return index.readUInt32LE(MOVED_FRAMES_OFFSET) < this.#from;
  }

  /** Returns the frames since `start`. */
  frames(): WalFrames {
    return framesOf(this.#path, this.#from, lastFrame(this.#path));
  }

  [Symbol.dispose](): void {
    this.#database.close();
  }
}

/** Offsets of the fields `mxFrame` and `nBackfill` in the WAL index. */
const LAST_FRAME_OFFSET = 16;
const MOVED_FRAMES_OFFSET = 96;

/** Returns the number of the last valid frame. The WAL index is in the byte order of the machine, little-endian. */
function lastFrame(path: string): number {
  return walIndex(path).readUInt32LE(LAST_FRAME_OFFSET);
}

/** Reads the WAL index in another process: when a process closes a file, it loses all its locks on it. */
function walIndex(path: string): Buffer {
  return execFileSync("head", ["--bytes=136", `${path}-shm`]);
}

function framesOf(path: string, from: number, to: number): WalFrames {
  const wal = readFileSync(`${path}-wal`);
  const frameBytes = wal.readUInt32BE(8) + FRAME_HEADER_BYTES;
  const owners = ownersOfPages(path);
  const pages: Record<string, number> = {};
  let commits = 0;
  for (let frame = from; frame < to; frame++) {
    const offset = HEADER_BYTES + frame * frameBytes;
    const owner = owners.get(wal.readUInt32BE(offset)) ?? "free pages";
    pages[owner] = (pages[owner] ?? 0) + 1;
    // The last frame of a commit contains the size of the database.
    if (wal.readUInt32BE(offset + 4) > 0) commits++;
  }
  return { commits, pages };
}

/** Returns the table or index of each page. */
function ownersOfPages(path: string): ReadonlyMap<number, string> {
  using database = new DatabaseSync(path, { readOnly: true, timeout: 5000 });
  const rows = database.prepare("select name, pageno from dbstat").all();
  return new Map(rows.map(({ name, pageno }) => [Number(pageno), String(name)]));
}
