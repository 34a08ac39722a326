import {
  AckPolicy,
  type Consumer,
  type ConsumerAPI,
  JetStreamApiCodes,
  JetStreamApiError,
  jetstream,
  jetstreamManager,
  RetentionPolicy,
  StorageType,
  type StreamAPI,
} from "@nats-io/jetstream";
import { type NatsConnection, nanos } from "@nats-io/transport-node";
import { SERVER_GROUP, type Subjects } from "./wire/subjects.ts";

export interface StreamOptions {
  readonly connection: NatsConnection;
  readonly subjects: Subjects;
  /** Number of replicas. Undefined creates one, and keeps the number of an existing stream. */
  readonly replicas: number | undefined;
}

/**
 * Time without an acknowledgement after which a message is redelivered to another server, like the lease of a worker. A
 * server that is still committing a batch extends the deadline.
 */
export const ACK_WAIT_MS = 15_000;
/** Maximum number of unacknowledged messages of all servers together. */
const MAX_UNACKNOWLEDGED = 10_000;

/** Opens the consumer that all servers share. The first server creates the stream and the consumer. */
export async function openSharedConsumer(options: StreamOptions): Promise<Consumer> {
  const { connection, subjects } = options;
  const { streams, consumers } = await jetstreamManager(connection);
  await ensureStream(streams, options);
  await ensureConsumer(consumers, subjects.stream);
  return jetstream(connection).consumers.get(subjects.stream, SERVER_GROUP);
}

/** Creates the stream, or completes an existing one. Limits that an operator has set are kept. */
async function ensureStream(streams: StreamAPI, { subjects, replicas }: StreamOptions): Promise<void> {
  const { stream: name, status } = subjects;
  const existing = await infoIfExists(streams.info(name), JetStreamApiCodes.StreamNotFound);
  if (existing === undefined) {
    await streams.add({
      name,
      subjects: [status],
      storage: StorageType.File,
      // Acknowledged messages are deleted.
      retention: RetentionPolicy.Workqueue,
      num_replicas: replicas ?? 1,
    });
    return;
  }
  const { config } = existing;
  const isComplete = config.subjects.includes(status) && (replicas === undefined || config.num_replicas === replicas);
  if (isComplete) return;
  await streams.update(name, {
    subjects: [...new Set([...config.subjects, status])],
    num_replicas: replicas ?? config.num_replicas,
  });
}

async function ensureConsumer(consumers: ConsumerAPI, stream: string): Promise<void> {
  const existing = await infoIfExists(consumers.info(stream, SERVER_GROUP), JetStreamApiCodes.ConsumerNotFound);
  if (existing !== undefined) return;
  await consumers.add(stream, {
    durable_name: SERVER_GROUP,
    ack_policy: AckPolicy.Explicit,
    ack_wait: nanos(ACK_WAIT_MS),
    max_deliver: -1,
    max_ack_pending: MAX_UNACKNOWLEDGED,
  });
}

async function infoIfExists<Info>(info: Promise<Info>, notFoundCode: number): Promise<Info | undefined> {
  try {
    return await info;
  } catch (error) {
    if (error instanceof JetStreamApiError && error.code === notFoundCode) return undefined;
    throw error;
  }
}
