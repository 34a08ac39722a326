import { parentPort } from "node:worker_threads";
import { createCheckpointing } from "../file/checkpoint.ts";
import { openDatabase } from "../file/database.ts";
import { rejectRelocated } from "../file/meta.ts";
import { openErrorOf } from "../file/open-error.ts";
import { messageOf } from "../file/sqlite-errors.ts";
import { RowVersions } from "../reader/row-versions.ts";
import { saveTypes } from "../reader/types.ts";
import { createTables } from "../tables/tables.ts";
import { createCommit } from "./commit.ts";
import type { FromWriter, ToWriter, WriteCall, WriterSetup } from "./protocol.ts";
import { expireClaimsOfDeadProcess } from "./recover.ts";

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

function open({ path, policies, at, holder, version, rowVersions }: WriterSetup): Writing {
  const database = openDatabase(path, version);
  const versions = new RowVersions(rowVersions);
  const tables = createTables(database, {
    onPut: (resource) => versions.beginChange(resource),
    onChangeOfAllRows: () => versions.beginChangeOfAll(),
  });
  rejectRelocated(tables.meta, path);
  tables.meta.set("holder", holder);
  saveTypes(database, policies);
  const commit = createCommit(tables, policies);
  const checkpoint = createCheckpointing(database, path);
  // First, because the expired claims get instants of the present clock.
  const [adjusted] = commit([{ call: "clock", reading: { at } }]);
  expireClaimsOfDeadProcess(tables, commit, at);
  versions.endChanges();
  return {
    movedMs: adjusted?.result === "adjusted" ? adjusted.movedMs : 0,
    commit(calls) {
      const replies = commit(calls);
      versions.endChanges();
      send({ message: "replies", replies });
      checkpoint();
    },
    close: () => database.close(),
  };
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
