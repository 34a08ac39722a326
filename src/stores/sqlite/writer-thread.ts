import { parentPort, workerData } from "node:worker_threads";
import { createCheckpointing } from "./checkpoint.ts";
import { createCommit } from "./commit.ts";
import { openDatabase } from "./database.ts";
import { openErrorOf } from "./open-error.ts";
import type { FromWriter, ToWriter, WriterSetup } from "./protocol.ts";
import { loseHeld } from "./recover.ts";
import { messageOf } from "./sqlite-errors.ts";
import { createTables } from "./tables.ts";

/** The thread that writes: everything that waits for the disk happens here. */
function run(setup: WriterSetup, send: (message: FromWriter) => void): (message: ToWriter) => void {
  const database = openDatabase(setup.path, setup.version);
  const tables = createTables(database);
  tables.meta.set("holder", setup.holder);
  const commit = createCommit(tables, setup.policies);
  const checkpoint = createCheckpointing(database, setup.path);
  loseHeld(tables, commit, setup.at);
  send({ message: "open" });

  return (message) => {
    if (message.message === "close") {
      database.close();
      send({ message: "closed" });
      return;
    }
    send({ message: "answers", answers: commit(message.calls) });
    checkpoint();
  };
}

const port = parentPort;
if (port === null) throw new Error("writer-thread runs as a worker thread of the store");
const send = (message: FromWriter): void => {
  port.postMessage(message);
};

/** What is stored is unknown from now on: this thread says so, and writes no more. */
function end(error: unknown): void {
  send({ message: "fatal", text: messageOf(error) });
  port?.close();
}

const setup: WriterSetup = workerData;
try {
  const receive = run(setup, send);
  port.on("message", (message: ToWriter) => {
    try {
      receive(message);
      if (message.message === "close") port.close();
    } catch (error) {
      end(error);
    }
  });
} catch (error) {
  const { code, message } = openErrorOf(error, setup.path);
  send({ message: "failed-to-open", code, text: message });
  port.close();
}
