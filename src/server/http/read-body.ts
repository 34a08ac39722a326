import type { IncomingMessage } from "node:http";
import { AfootError } from "../../core/errors.ts";
import type { Clock } from "../../core/scheduling/clock.ts";

export interface BodyLimits {
  readonly clock: Pick<Clock, "after">;
  /** Maximum time for the body to arrive. */
  readonly bodyMs: number;
  /** Called when the body is about to be read. */
  readonly onReading: () => void;
}

const NO_BYTES = new Uint8Array(0);

/** Reads the body of a request of `node:http`. @see HttpRequest.readBody */
export function readIncoming(
  incoming: IncomingMessage,
  limit: number,
  { clock, bodyMs, onReading }: BodyLimits,
): Promise<Uint8Array> {
  const length = Number(incoming.headers["content-length"] ?? Number.NaN);
  if (length > limit) return Promise.reject(bodyTooLarge(limit));
  const isEmpty = length === 0 || (Number.isNaN(length) && incoming.headers["transfer-encoding"] === undefined);
  if (isEmpty) return Promise.resolve(NO_BYTES);
  if (incoming.readableDidRead) return Promise.reject(bodyConsumed());
  onReading();
  return new Promise((resolve, reject) => {
    const chunks: Uint8Array[] = [];
    let size = 0;
    const stop = (): void => {
      cancel();
      incoming.off("data", onData).off("end", onEnd).off("close", onClose).off("error", onClose);
    };
    const fail = (error: AfootError): void => {
      stop();
      incoming.pause();
      reject(error);
    };
    const onData = (chunk: Uint8Array): void => {
      size += chunk.length;
      if (size > limit) fail(bodyTooLarge(limit));
      else chunks.push(chunk);
    };
    const onEnd = (): void => {
      stop();
      resolve(chunks.length === 1 ? (chunks[0] ?? NO_BYTES) : Buffer.concat(chunks));
    };
    const onClose = (): void =>
      fail(new AfootError("client-gone", "The client disconnected before its body was complete."));
    const cancel = clock.after(bodyMs, () => fail(bodyTimeout(bodyMs)));
    incoming.on("data", onData).on("end", onEnd).on("close", onClose).on("error", onClose);
  });
}

export function bodyConsumed(): AfootError {
  return new AfootError("body-consumed", "The body of this request has already been read in front of the app.");
}

export function bodyTooLarge(limit: number): AfootError {
  return new AfootError("body-too-large", `The body is larger than the maximum of ${limit} bytes.`);
}

export function bodyTimeout(bodyMs: number): AfootError {
  return new AfootError("request-timeout", `The body did not arrive within ${bodyMs / 1000} seconds.`);
}
