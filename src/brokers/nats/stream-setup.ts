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
import { SERVERS, type Subjects } from "./wire/subjects.ts";

export interface StreamOptions {
  readonly connection: NatsConnection;
  readonly subjects: Subjects;
  /** Undefined: one for a new stream, and a stream that exists stays as it is. */
  readonly replicas: number | undefined;
}

/**
 * After how long without a word of the server that took a message it is given to another: that one was killed, like a worker whose
 * lease is over. A server at work on a batch says so in time.
 */
export const ACK_WAIT_MS = 15_000;
/** How many messages all servers together may have taken and not acknowledged. */
const MAX_UNACKNOWLEDGED = 10_000;

/** Gives the one consumer that all servers share, of the one stream; both are made where they are missing, whoever comes first. */
export async function sharedConsumer(options: StreamOptions): Promise<Consumer> {
  const { connection, subjects } = options;
  const { streams, consumers } = await jetstreamManager(connection);
  await ensureStream(streams, options);
  await ensureConsumer(consumers, subjects.stream);
  return jetstream(connection).consumers.get(subjects.stream, SERVERS);
}

/** A stream that exists is its operator's: limits set by hand stay. */
async function ensureStream(streams: StreamAPI, { subjects, replicas }: StreamOptions): Promise<void> {
  const { stream: name, status } = subjects;
  const found = await known(streams.info(name), JetStreamApiCodes.StreamNotFound);
  if (found === undefined) {
    await streams.add({
      name,
      subjects: [status],
      storage: StorageType.File,
      // What is acknowledged has done its work.
      retention: RetentionPolicy.Workqueue,
      num_replicas: replicas ?? 1,
    });
    return;
  }
  const { config } = found;
  const isComplete = config.subjects.includes(status) && (replicas === undefined || config.num_replicas === replicas);
  if (isComplete) return;
  await streams.update(name, {
    subjects: [...new Set([...config.subjects, status])],
    num_replicas: replicas ?? config.num_replicas,
  });
}

async function ensureConsumer(consumers: ConsumerAPI, stream: string): Promise<void> {
  const found = await known(consumers.info(stream, SERVERS), JetStreamApiCodes.ConsumerNotFound);
  if (found !== undefined) return;
  await consumers.add(stream, {
    durable_name: SERVERS,
    ack_policy: AckPolicy.Explicit,
    ack_wait: nanos(ACK_WAIT_MS),
    max_deliver: -1,
    max_ack_pending: MAX_UNACKNOWLEDGED,
  });
}

async function known<Found>(asked: Promise<Found>, missing: number): Promise<Found | undefined> {
  try {
    return await asked;
  } catch (error) {
    if (error instanceof JetStreamApiError && error.code === missing) return undefined;
    throw error;
  }
}
