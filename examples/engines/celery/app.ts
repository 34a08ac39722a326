import { createApp, defineResource } from "afoot";
import { amqpInlet } from "afoot/inlets/amqp";
import { type ConfirmChannel, connect } from "amqplib";
import { z } from "zod";

const url = process.env["AMQP_URL"] ?? "amqp://127.0.0.1";

/** Words that a Celery task counts. Afoot publishes the task; the task reports over RabbitMQ. */
const wordCount = defineResource({
  name: "word-count",
  configuration: z.object({ text: z.string() }),
  details: z.object({ words: z.int() }),
  statuses: { ready: "Counted" },
  create: {
    status: "Queued",
    external: true,
    retry: { attempts: 1000, maxMs: 10_000 }, // a RabbitMQ that is down is waited for
    async work({ id, operation, configuration, step, observed }) {
      await step("send task", () => sendTask(operation.id, [id, configuration.text]), {
        undo: () => revoke(operation.id),
      });
      return observed();
    },
  },
});

/** Publishes a task. @see https://docs.celeryq.dev/en/stable/internals/protocol.html */
function sendTask(id: string, parameters: readonly unknown[]): Promise<void> {
  return publish(async (channel) => {
    await channel.assertQueue("celery", { durable: true });
    const headers = { lang: "py", task: "tasks.count_words", id, root_id: id };
    channel.publish("", "celery", json([parameters, {}, {}]), { ...JSON_TEXT, correlationId: id, headers });
  });
}

/** Ends a task on all workers that run at the moment. The messages of a later one are refused. */
function revoke(id: string): Promise<void> {
  return publish(async (channel) => {
    await channel.assertExchange("celery.pidbox", "fanout", { durable: false });
    const revocation = { method: "revoke", arguments: { task_id: id, terminate: true, signal: "SIGTERM" } };
    channel.publish("celery.pidbox", "", json(revocation), JSON_TEXT);
  });
}

const JSON_TEXT = { contentType: "application/json", contentEncoding: "utf8", persistent: true };
const json = (value: unknown): Buffer => Buffer.from(JSON.stringify(value));

/** Publishes over a connection of its own. Resolves once RabbitMQ has confirmed it. */
async function publish(send: (channel: ConfirmChannel) => Promise<void>): Promise<void> {
  const connection = await connect(url, { timeout: 5000 });
  connection.on("error", () => {}); // the call that waits is rejected
  try {
    const channel = await connection.createConfirmChannel();
    channel.on("error", () => {});
    await send(channel);
    await channel.waitForConfirms();
  } finally {
    await connection.close().catch(() => {});
  }
}

export default createApp({ resources: [wordCount], inlets: [amqpInlet({ url, queue: "afoot.status" })] });
