export { amqpInlet } from "./amqp-inlet.ts";
export type { AmqpInletOptions } from "./options.ts";
