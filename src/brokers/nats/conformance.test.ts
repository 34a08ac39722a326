import { after, before, describe } from "node:test";
import { jetstream } from "@nats-io/jetstream";
import { connect } from "@nats-io/transport-node";
import { natsMissing, type NatsServer, startNats } from "../../../test/support/nats.ts";
import { brokerConformance } from "../../conformance/broker/index.ts";
import type { Broker } from "../../core/ports/broker.ts";
import { natsBroker } from "./index.ts";

describe("nats", { skip: natsMissing() }, () => {
  let nats: NatsServer;
  let apps = 0;
  before(async () => {
    nats = await startNats();
  });
  after(() => nats[Symbol.asyncDispose]());

  brokerConformance({
    name: "nats",
    async create() {
      apps += 1;
      const prefix = `app-${apps}`;
      const brokers: Broker[] = [];
      const another = async (): Promise<Broker> => {
        const broker = natsBroker({ servers: nats.url, prefix });
        brokers.push(broker);
        await broker.open();
        return broker;
      };
      const connection = await connect({ servers: nats.url });
      return {
        server: await another(),
        worker: await another(),
        another,
        async post({ type, id }, text) {
          // Retries until the stream exists.
          await jetstream(connection).publish(`${prefix}.status.${type}.${id}`, text, { retries: 50 });
        },
        async close() {
          await Promise.all(brokers.map((broker) => broker.close()));
          await connection.close();
        },
      };
    },
    capabilities: { servers: true, status: true },
  });
});
