import assert from "node:assert/strict";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { jetstream, jetstreamManager } from "@nats-io/jetstream";
import { connect, headers, type NatsConnection } from "@nats-io/transport-node";
import { natsBroker } from "../../src/brokers/nats/index.ts";
import { handlersWith } from "../../src/conformance/broker/fixture.ts";
import type { Broker } from "../../src/core/ports/broker.ts";
import { silentLog } from "../../src/core/ports/log.ts";
import { systemClock } from "../../src/core/scheduling/clock.ts";
import { temporaryFolder } from "../support/afoot-process.ts";
import { eventually } from "../support/eventually.ts";
import { usersOfDocs } from "../support/nats-users.ts";
import { type NatsServer, natsMissing, startNats } from "../support/nats.ts";

/** Connects as a role of docs/nats.md. */
function connectAs(nats: NatsServer, role: string, inbox: string): Promise<NatsConnection> {
  return connect({ servers: nats.url, user: role, pass: role, inboxPrefix: `_INBOX.${inbox}` });
}

describe("a client of NATS with the permissions of the docs", { skip: natsMissing() }, () => {
  let nats: NatsServer;
  let server: Broker;
  let worker: NatsConnection;
  let process: NatsConnection;
  const handled: string[] = [];
  const open: (() => PromiseLike<unknown>)[] = [];

  before(async () => {
    const folder = await temporaryFolder();
    const config = join(folder.path, "nats.conf");
    await writeFile(config, await usersOfDocs());
    nats = await startNats(["--config", config]);
    server = natsBroker({ servers: nats.url, user: "server", password: "server", inboxPrefix: "_INBOX.server" });
    await server.open({ log: silentLog, clock: systemClock });
    server.serve(
      handlersWith({
        record: async ({ step }) => {
          handled.push(step);
          return { result: "ok" };
        },
      }),
    );
    await server.subscribed?.();
    worker = await connectAs(nats, "worker", "worker");
    process = await connectAs(nats, "external process", "process");
    open.push(
      () => worker.close(),
      () => process.close(),
      async () => server.close(),
      () => nats[Symbol.asyncDispose](),
      () => folder[Symbol.asyncDispose](),
    );
  });
  after(async () => {
    for (const close of open) await close();
  });

  const record = (step: string): string =>
    JSON.stringify({ operation: "o1", attempt: 1, step, state: "started", undo: false });

  /** Number of stored status messages, as the server sees it. */
  const storedCount = async (): Promise<number> => {
    const own = await connectAs(nats, "server", "server");
    try {
      return (await (await jetstreamManager(own)).streams.info("AFOOT_STATUS")).state.messages;
    } finally {
      await own.close();
    }
  };

  it("cannot make the server publish where the client may not, by a reply subject or the address of parts", async () => {
    const own = await connectAs(nats, "server", "server");
    await (await jetstreamManager(own)).streams.add({ name: "AFOOT_STATUS", subjects: ["afoot.status.>"] });
    await own.close();
    await jetstream(process).publish("afoot.status.machine.1", "{}");
    assert.equal(await storedCount(), 1);

    // JetStream takes the reply of the server for its own request, and ignores the fields of the JSON.
    const targets = ["$JS.API.STREAM.PURGE.AFOOT_STATUS", "afoot.status.machine.2", "afoot.notices"];
    for (const reply of targets) worker.publish("afoot.worker.record", record(`by ${reply}`), { reply });
    for (const source of targets) {
      const parts = headers();
      parts.set("Afoot-Parts", "2");
      parts.set("Afoot-Rest", source);
      await assert.rejects(
        worker
          .request("afoot.worker.record", record("in parts"), { headers: parts, timeout: 5000 })
          .then(({ headers: replied }) => {
            throw new Error(replied?.get("Nats-Service-Error"));
          }),
        /the address of its parts is no inbox/,
      );
    }
    assert.match((await worker.request("afoot.worker.record", record("last"))).string(), /"ok"/);
    assert.deepEqual(handled.splice(0), ["last"], "no request with a forbidden reply subject is handled");
    assert.equal(await storedCount(), 1);
  });

  it("cannot occupy the memory of the server by a message of endless parts", async () => {
    let requested = 0;
    const address = "_INBOX.worker.parts";
    worker.subscribe(address, {
      callback(_, message) {
        requested++;
        message.respond("");
      },
    });
    const parts = headers();
    parts.set("Afoot-Parts", String(Number.MAX_SAFE_INTEGER));
    parts.set("Afoot-Rest", address);
    const reply = await worker.request("afoot.worker.record", record("endless"), { headers: parts, timeout: 5000 });
    assert.match(reply.headers?.get("Nats-Service-Error") ?? "", /has an empty part, or more than \d+ bytes/);
    assert.ok(requested <= 8, `${requested} parts were requested`);
  });

  it("cannot read the replies to another role, nor report for another type, nor claim as a process", async () => {
    const errors: string[] = [];
    for (const [client, subject] of [
      [process, "_INBOX.>"],
      [process, "_INBOX.worker.>"],
      [process, "afoot.>"],
      [worker, "_INBOX.server.>"],
      [worker, "afoot.worker.*"],
      [worker, "afoot.status.>"],
    ] as const) {
      client.subscribe(subject, { callback: (error) => void errors.push(`${subject} ${error?.message}`) });
    }
    await eventually("all subscriptions to be refused", () => errors.length === 6);
    for (const error of errors) assert.match(error, /permissions violation/i);
    for (const [client, subject] of [
      [process, "afoot.worker.claim"],
      [process, "afoot.status.order.1"],
      [process, "$JS.API.STREAM.PURGE.AFOOT_STATUS"],
      [worker, "$JS.API.STREAM.PURGE.AFOOT_STATUS"],
      [worker, "afoot.status.machine.1"],
      [worker, "afoot.notices"],
    ] as const) {
      await assert.rejects(client.request(subject, "{}", { timeout: 2000 }), /permissions violation/i, subject);
    }
    assert.equal(await storedCount(), 1);
  });
});
