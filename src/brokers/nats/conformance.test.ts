import { after, before, describe } from "node:test";
import { natsMissing, type NatsServer, startNats } from "../../../test/support/nats.ts";
import { brokerConformance } from "../../conformance/broker/index.ts";
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
      const options = { servers: nats.url, prefix: `app-${apps}` };
      const server = natsBroker(options);
      const worker = natsBroker(options);
      await Promise.all([server.open(), worker.open()]);
      return { server, worker, close: async () => void (await Promise.all([server.close(), worker.close()])) };
    },
  });
});
