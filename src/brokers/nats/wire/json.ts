import type { Msg } from "@nats-io/transport-node";

export function encodeMessage(value: object): Uint8Array {
  return Buffer.from(JSON.stringify(value));
}

/**
 * Decodes a message of the other side of the port. Servers validate the messages of workers in the request handlers;
 * workers trust the messages of servers.
 *
 * @throws SyntaxError
 */
// oxlint-disable-next-line typescript/no-unnecessary-type-parameters -- the declared type of a message, until a handler validates it
export function decodeMessage<Message>(data: Uint8Array): Message {
  // oxlint-disable-next-line typescript/no-unsafe-return -- see above
  return JSON.parse(Buffer.from(data.buffer, data.byteOffset, data.byteLength).toString());
}

/** Decodes a message; returns undefined if it is not JSON. */
export function tryDecodeMessage({ data }: Pick<Msg, "data">): unknown {
  try {
    return decodeMessage<unknown>(data);
  } catch {
    return undefined;
  }
}
