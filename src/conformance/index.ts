export { brokerConformance, type BrokerConformanceOptions, type BrokerFixture } from "./broker/index.ts";
export {
  type ApplicationTransaction,
  storeConformance,
  type StoreConformanceOptions,
  type StoreLocation,
} from "./store/index.ts";
