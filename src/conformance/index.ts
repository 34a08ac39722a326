export type { Broker, WorkerMessageHandlers } from "../core/ports/broker.ts";
export { brokerConformance, type BrokerConformanceOptions, type BrokerFixture } from "./broker/index.ts";
export {
  type ApplicationTransaction,
  storeConformance,
  type StoreConformanceOptions,
  type StoreLocation,
} from "./store/index.ts";
