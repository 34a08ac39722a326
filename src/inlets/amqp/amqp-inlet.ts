import type { Inlet } from "../../core/ports/inlet.ts";
import { Consumer } from "./consumer.ts";
import { type AmqpInletOptions, amqpSettings } from "./options.ts";

/**
 * Creates an inlet for status messages of external processes in a queue of RabbitMQ, or of any other broker for AMQP
 * 0-9-1. Each server commits messages in batches and acknowledges them after the commit; several servers share a queue.
 * While RabbitMQ or the store is unavailable, the messages wait in the queue. It requires the package `amqplib`.
 *
 * @throws DefinitionError for an invalid option
 * @see https://www.rabbitmq.com/docs/specification
 */
export function amqpInlet(options: AmqpInletOptions = {}): Inlet {
  const settings = amqpSettings(options);
  return {
    name: "amqp",
    async open(openOptions) {
      const consumer = new Consumer(settings, openOptions);
      await consumer.open();
      return { status: () => consumer.status(), close: () => consumer.close() };
    },
  };
}
