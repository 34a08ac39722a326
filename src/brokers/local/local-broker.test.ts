import { brokerConformance } from "../../conformance/broker/index.ts";
import { localBroker } from "./local-broker.ts";

brokerConformance({
  name: "local",
  async create() {
    const broker = localBroker();
    await broker.open();
    return { server: broker, worker: broker, close: () => broker.close() };
  },
});
