import { createHmac } from "node:crypto";

const PREFIX = "whsec_";
const MIN_BYTES = 24;
const MAX_BYTES = 64;

/** Returns the reason why a value is no secret. It never contains the value. */
export function secretError(secret: unknown): string | undefined {
  const fix = `Use "${PREFIX}" followed by ${MIN_BYTES} to ${MAX_BYTES} random bytes in Base64.`;
  if (typeof secret !== "string" || !secret.startsWith(PREFIX)) return `does not start with "${PREFIX}". ${fix}`;
  const bytes = bytesOf(secret);
  const isBase64 = bytes.toString("base64").replace(/=+$/, "") === secret.slice(PREFIX.length).replace(/=+$/, "");
  if (!isBase64) return `is not Base64 after the prefix. ${fix}`;
  const { length } = bytes;
  return length < MIN_BYTES || length > MAX_BYTES ? `has ${length} bytes. ${fix}` : undefined;
}

function bytesOf(secret: string): Buffer {
  return Buffer.from(secret.slice(PREFIX.length), "base64");
}

export interface SignedMessage {
  /** The same in each try. */
  readonly id: string;
  /** Seconds since 1970. */
  readonly timestamp: number;
  readonly body: string;
}

/**
 * Returns the headers that sign a message with each secret.
 *
 * @see https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md
 */
export function signatureHeaders(
  secrets: readonly string[],
  { id, timestamp, body }: SignedMessage,
): Readonly<Record<string, string>> {
  const signatures = secrets.map(
    (secret) => `v1,${createHmac("sha256", bytesOf(secret)).update(`${id}.${timestamp}.${body}`).digest("base64")}`,
  );
  return { "webhook-id": id, "webhook-timestamp": String(timestamp), "webhook-signature": signatures.join(" ") };
}
