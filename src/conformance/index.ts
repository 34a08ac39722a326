export { brokerConformance, type BrokerConformanceOptions, type BrokerEnds } from "./broker/index.ts";
export { storeConformance, type StoreConformanceOptions, type StorePlace } from "./store/index.ts";
