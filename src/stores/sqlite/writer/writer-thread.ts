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

/** The thread that writes: everything that waits for the disk happens here. */
interface Writing {
  commit(calls: readonly WriteCall[]): void;
  close(): void;
}

const port = parentPort;
if (port === null) throw new Error("writer-thread.ts is run by the store, as a worker thread");

const send = (message: FromWriter): void => {
  port.postMessage(message);
};

function open({ path, policies, at, holder, version, rowVersions: shared }: WriterSetup): Writing {
  const database = openDatabase(path, version);
  const marks = new RowVersions(shared);
  const tables = createTables(database, (resource) => marks.beginChange(resource));
  rejectRelocated(tables.meta, path);
  tables.meta.set("holder", holder);
  saveTypes(database, policies);
  const commit = createCommit(tables, policies);
  const checkpoint = createCheckpointing(database, path);
  expireClaimsOfDeadProcess(tables, commit, at);
  return {
    commit(calls) {
      const answers = commit(calls);
      marks.endChanges();
      send({ message: "answers", answers });
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
      send({ message: "open" });
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
    // Either it never opened, or what is stored is unknown from now on: it writes no more.
    if (message.message === "open") {
      const { code, message: reason } = openErrorOf(error, message.setup.path);
      send({ message: "failed-to-open", code, reason });
    } else {
      send({ message: "fatal", reason: messageOf(error) });
    }
    port.close();
  }
});
