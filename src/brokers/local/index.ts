export { localBroker } from "./local-broker.ts";
