import type { Channel, ChannelModel } from "amqplib";

const NOT_FOUND = 404;

/**
 * Opens a channel for a queue, and creates the queue durable if it does not exist. An existing one keeps its type and
 * arguments, such as its dead-letter exchange.
 */
export async function openQueue(connection: ChannelModel, queue: string): Promise<Channel> {
  const channel = await openChannel(connection);
  try {
    await channel.checkQueue(queue);
    return channel;
  } catch (error) {
    if (!isNotFound(error)) throw error;
  }
  // The broker has closed the first channel, as it does after every error.
  const next = await openChannel(connection);
  await next.assertQueue(queue, { durable: true });
  return next;
}

async function openChannel(connection: ChannelModel): Promise<Channel> {
  const channel = await connection.createChannel();
  // The error also rejects the call that caused it. Without a listener, it would end the process.
  channel.on("error", () => {});
  return channel;
}

function isNotFound(error: unknown): boolean {
  return error instanceof Error && "code" in error && error.code === NOT_FOUND;
}
