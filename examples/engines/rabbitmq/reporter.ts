import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { type ConfirmChannel, connect } from "amqplib";

/** Reports the status of operations to Afoot over RabbitMQ. */
export interface Reporter extends AsyncDisposable {
  /** Publishes a status message, such as `report("machine/42", "progress", { progress: 0.5 })`. Resolves once RabbitMQ has stored it. */
  readonly report: (subject: string, kind: "progress" | "succeeded" | "failed", data: object) => Promise<void>;
}

/** Connects to RabbitMQ, and connects again after every loss. */
export async function connectReporter(url: string, source: string, queue = "afoot.status"): Promise<Reporter> {
  const connection = await connect(url, { recovery: { maxDelay: 2000 } });
  connection.on("error", () => {}); // the connection recovers by itself
  let channel: ConfirmChannel | undefined;
  let isClosed = false;

  async function open(): Promise<ConfirmChannel> {
    const opened = await connection.createConfirmChannel();
    opened.on("error", () => {});
    opened.on("close", () => (channel = undefined));
    await opened.checkQueue(queue); // a message to a queue that does not exist would be confirmed and dropped
    return (channel = opened);
  }

  async function publish(message: object): Promise<void> {
    const current = channel ?? (await open());
    const options = { persistent: true, contentType: "application/cloudevents+json" };
    await new Promise<void>((resolve, reject) => {
      const settle = (error: Error | null): void => (error === null ? resolve() : reject(error));
      current.sendToQueue(queue, Buffer.from(JSON.stringify(message)), options, settle); // once RabbitMQ has stored it
    });
  }

  return {
    async report(subject, kind, data) {
      const [id, time] = [randomUUID(), new Date().toISOString()];
      const message = { specversion: "1.0", id, source, type: `dev.afoot.${kind}`, subject, time, data };
      while (!(await isConfirmed(publish(message)))) {
        if (isClosed) throw new Error("The reporter is closed.");
        await sleep(500); // then the same message again, until it is confirmed: Afoot applies it once
      }
    },
    async [Symbol.asyncDispose]() {
      isClosed = true;
      await connection.close();
    },
  };
}

function isConfirmed(published: Promise<void>): Promise<boolean> {
  return published.then(
    () => true,
    () => false,
  );
}
