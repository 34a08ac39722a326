export { natsBroker } from "./nats-broker.ts";
export type { NatsBrokerOptions, NatsTlsOptions } from "./connection/options.ts";
