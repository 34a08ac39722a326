import type { Msg } from "@nats-io/transport-node";

export function encoded(value: object): Uint8Array {
  return Buffer.from(JSON.stringify(value));
}

/**
 * Reads what the other side of the port wrote. A server checks what it is sent, by every way the same; a worker takes what servers
 * say as it is said.
 *
 * @throws SyntaxError
 */
// oxlint-disable-next-line typescript/no-unnecessary-type-parameters -- What a message says it is, until somebody checks it.
export function decoded<Message>(data: Uint8Array): Message {
  // oxlint-disable-next-line typescript/no-unsafe-return -- See above.
  return JSON.parse(Buffer.from(data.buffer, data.byteOffset, data.byteLength).toString());
}

/** The JSON of a message, or undefined where it is none. */
export function jsonOf({ data }: Pick<Msg, "data">): unknown {
  try {
    return decoded<unknown>(data);
  } catch {
    return undefined;
  }
}
