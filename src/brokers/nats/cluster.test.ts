import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { jetstream } from "@nats-io/jetstream";
import { connect } from "@nats-io/transport-node";
import { eventually } from "../../../test/support/eventually.ts";
import { natsMissing, type NatsServer, startNatsCluster } from "../../../test/support/nats.ts";
import { handlersWith } from "../../conformance/broker/fixture.ts";
import { isAfootError } from "../../core/errors.ts";
import { isJsonObject } from "../../core/json/json.ts";
import type { Broker } from "../../core/ports/broker.ts";
import { natsBroker } from "./index.ts";

const CLAIM = { worker: "w1", claim: 1, slots: [] };
const MESSAGES = 1500;

describe("a cluster of three", { skip: natsMissing() }, () => {
  let nodes: readonly NatsServer[] = [];
  let url = "";
  before(async () => {
    nodes = await startNatsCluster();
    url = nodes.map((node) => node.url).join(",");
  });
  after(() => Promise.all(nodes.map((node) => node[Symbol.asyncDispose]())));

  /** The node to which a broker is connected. */
  const nodeOf = (broker: Broker): NatsServer => {
    const detail = broker.status?.().detail ?? "";
    const node = nodes.find(({ port }) => detail.includes(`:${port}`));
    assert.ok(node !== undefined, detail);
    return node;
  };

  it("continues after the node of the server, then that of the worker, is killed: every request gets a reply", async () => {
    const [server, worker] = [natsBroker({ servers: url }), natsBroker({ servers: url })];
    await Promise.all([server.open(), worker.open()]);
    server.serve(handlersWith({ claim: async ({ claim }) => ({ grants: [], nextDueMs: claim }) }));
    await server.subscribed?.();
    let claim = 0;
    const answered = async (): Promise<void> => {
      claim += 1;
      const number = claim;
      const reply = await eventually(`claim ${number} to be answered`, async () => {
        try {
          return await worker.request("claim", { ...CLAIM, claim: number }, { timeoutMs: 20_000 });
        } catch (error) {
          assert.ok(isAfootError(error) && error.code === "broker-unavailable", String(error));
          return undefined;
        }
      });
      assert.equal(reply.nextDueMs, number);
    };
    await answered();
    for (const broker of [server, worker]) {
      const node = nodeOf(broker);
      await node.kill();
      await Promise.all(Array.from({ length: 100 }, answered));
      await node.start();
    }
    await Promise.all([server.close(), worker.close()]);
  });

  it("loses no acknowledged status message, whichever node is killed while they are published and consumed", async () => {
    const servers = [natsBroker({ servers: url, replicas: 3 }), natsBroker({ servers: url, replicas: 3 })];
    await Promise.all(servers.map((server) => server.open()));
    const received = new Set<unknown>();
    const all = Promise.withResolvers<void>();
    for (const server of servers) {
      server.onStatus?.(async (messages) => {
        for (const { message } of messages) received.add(isJsonObject(message) ? message["number"] : undefined);
        if (received.size >= MESSAGES) all.resolve();
        return messages.map(() => ({ result: "applied" }));
      });
    }
    const connection = await connect({ servers: url.split(","), maxReconnectAttempts: -1, reconnectTimeWait: 100 });
    const stream = jetstream(connection, { timeout: 2000 });
    let next = 1;
    const posting = Array.from({ length: 20 }, async () => {
      while (next <= MESSAGES) {
        const number = next++;
        await acknowledged(() => stream.publish(`afoot.status.widget.${number}`, JSON.stringify({ number })));
      }
    });
    for (const node of nodes) {
      await node.kill();
      await node.start();
    }
    await Promise.all([...posting, all.promise]);
    assert.equal(received.size, MESSAGES);
    const { config } = await acknowledged(async () => (await stream.jetstreamManager()).streams.info("AFOOT_STATUS"));
    assert.deepEqual(
      { num_replicas: config.num_replicas, storage: config.storage, subjects: config.subjects },
      { num_replicas: 3, storage: "file", subjects: ["afoot.status.>"] },
    );
    await connection.close();
    await Promise.all(servers.map((server) => server.close()));
  });
});

/** Retries until JetStream replies: there is no reply while its nodes elect a leader. */
async function acknowledged<Result>(request: () => Promise<Result>): Promise<Result> {
  const { reply } = await eventually("JetStream to answer", async () => {
    try {
      return { reply: await request() };
    } catch {
      return undefined;
    }
  });
  return reply;
}
