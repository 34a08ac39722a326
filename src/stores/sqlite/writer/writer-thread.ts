import { parentPort } from "node:worker_threads";
import type { Resource } from "../../../core/resource.ts";
import { systemClock } from "../../../core/scheduling/clock.ts";
import { rejectRelocated } from "../file/meta.ts";
import { openErrorOf } from "../file/open-error.ts";
import { messageOf } from "../file/sqlite-errors.ts";
import { RowVersions } from "../reader/row-versions.ts";
import { createCommit } from "./commit.ts";
import type { DiskSpace } from "./disk-space.ts";
import { createFirstWrites } from "./first-writes.ts";
import type { FromWriter, ToWriter, WriteCall, WriteReply, WriterSetup } from "./protocol.ts";
import { openWritableFile } from "./writable-file.ts";

/** The open database of the thread that writes. All waiting for the disk happens in this thread. */
interface Writing {
  /** Milliseconds by which the opening moved instants. */
  readonly movedMs: number;
  commit(calls: readonly WriteCall[]): void;
  close(): void;
}

const port = parentPort;
if (port === null) throw new Error("writer-thread.ts must be run by the store, as a worker thread");

const send = (message: FromWriter): void => {
  port.postMessage(message);
};

function open(setup: WriterSetup): Writing {
  const { path, version, policies } = setup;
  const versions = new RowVersions(setup.rowVersions);
  const listener = {
    onPut: (resource: Resource): void => versions.beginChange(resource),
    onChangeOfAllRows: (): void => versions.beginChangeOfAll(),
  };
  const onDiskFull = (isFull: boolean): void => send({ message: "disk", isFull });
  const { tables, space, checkpointing, close } = openWritableFile({
    path,
    version,
    listener,
    policies,
    onDiskFull,
  });
  rejectRelocated(tables.meta, path);
  const commit = createCommit(tables, policies, space);
  const writeFirst = createFirstWrites(tables, commit, space, setup);
  let movedMs = writeFirst();
  versions.endChanges();
  onDiskFull(space.isFull);
  const checks = createSpaceChecks(space);
  return {
    movedMs: movedMs ?? 0,
    commit(calls) {
      const wasFull = space.isFull;
      // Nothing is written over the claims of the previous process, before they have expired.
      movedMs ??= writeFirst();
      const replies = movedMs === undefined ? calls.map(refuse) : commit(calls);
      versions.endChanges();
      send({ message: "replies", replies });
      if (space.isFull) checkpointing.run();
      else checkpointing.afterCommit();
      if (space.isFull && !wasFull) checks.schedule();
    },
    close() {
      checks.stop();
      close();
    },
  };

  function refuse({ call }: WriteCall): WriteReply {
    return call === "count" ? { result: "counted", counts: tables.inProgress.counts() } : { result: "full" };
  }
}

/** Interval between checks of a full disk. */
const FULL_CHECK_INTERVAL_MS = 2000;

/** Interval between checks that the reserve exists. */
const CHECK_INTERVAL_MS = 60_000;

/** Time until the first check, so that a start does not wait for the reserve to be written. */
const FIRST_CHECK_MS = 500;

/** Checks of the disk space at regular intervals. */
interface SpaceChecks {
  /** Schedules the next check. */
  schedule(): void;
  stop(): void;
}

function createSpaceChecks(space: DiskSpace): SpaceChecks {
  let cancel = systemClock.after(FIRST_CHECK_MS, check);
  function check(): void {
    space.check();
    schedule();
  }
  function schedule(): void {
    cancel();
    cancel = systemClock.after(space.isFull ? FULL_CHECK_INTERVAL_MS : CHECK_INTERVAL_MS, check);
  }
  return { schedule, stop: () => cancel() };
}

let writing: Writing | undefined;

function receive(message: ToWriter): void {
  switch (message.message) {
    case "open":
      writing = open(message.setup);
      send({ message: "open", movedMs: writing.movedMs });
      break;
    case "calls":
      writing?.commit(message.calls);
      break;
    case "close":
      writing?.close();
      port?.close();
      break;
  }
}

port.on("message", (message: ToWriter) => {
  try {
    receive(message);
  } catch (error) {
    // The file never opened, or it is unknown what is stored: the thread stops writing.
    if (message.message === "open") {
      const { code, message: reason } = openErrorOf(error, message.setup.path);
      send({ message: "failed-to-open", code, reason });
    } else {
      send({ message: "fatal", reason: messageOf(error) });
    }
    port.close();
  }
});
