import { jetstream } from "@nats-io/jetstream";
import { connect, type NatsConnection } from "@nats-io/transport-node";
import { statusMessage } from "../external/fixture.ts";

/** A process whose only knowledge of Afoot is the CloudEvent that it publishes. */
export interface BackgroundProcess extends AsyncDisposable {
  readonly nats: NatsConnection;
  /** Publishes a status message, and waits until JetStream has stored it. */
  readonly post: (type: string, id: string, kind: string, data: unknown) => Promise<void>;
  /** Publishes a text unchanged. */
  readonly postText: (address: string, text: string) => Promise<void>;
}

export async function backgroundProcess(url: string): Promise<BackgroundProcess> {
  const nats = await connect({ servers: url, maxReconnectAttempts: -1 });
  const stream = jetstream(nats);
  const postText = async (address: string, text: string): Promise<void> => {
    await stream.publish(`afoot.status.${address}`, text, { retries: 100 });
  };
  return {
    nats,
    postText,
    post: (type, id, kind, data) =>
      postText(`${type}.${id}`, JSON.stringify(statusMessage(`${type}/${id}`, kind, data))),
    [Symbol.asyncDispose]: () => nats.close(),
  };
}
