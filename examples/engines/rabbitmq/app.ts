import { createApp, defineResource } from "afoot";
import { amqpInlet } from "afoot/inlets/amqp";
import { z } from "zod";

/** A type whose operations are run by a process that finds them itself, and reports over RabbitMQ. */
const machine = defineResource({
  name: "machine",
  configuration: z.object({ ram: z.string() }),
  details: z.object({ address: z.ipv4() }),
  statuses: { ready: "Ready" },
  create: { status: "Provisioning", external: true },
});

const url = process.env["AMQP_URL"] ?? "amqp://127.0.0.1";
export default createApp({ resources: [machine], inlets: [amqpInlet({ url, queue: "afoot.status" })] });
