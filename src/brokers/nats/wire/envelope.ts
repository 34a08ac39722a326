import { headers, type Msg, type MsgHdrs } from "@nats-io/transport-node";
import { AfootError, isAfootError } from "../../../core/errors.ts";

/** Header: number of parts of a message. */
export const PART_COUNT = "Afoot-Parts";
/** Header: subject for requests of the other parts, by their number from 1, and for the final `done`. */
export const PART_SOURCE = "Afoot-Rest";
/**
 * Headers of an error reply, as defined for NATS services. @see
 * https://github.com/nats-io/nats-architecture-and-design/blob/main/adr/ADR-32.md
 */
const ERROR = "Nats-Service-Error";
const ERROR_CODE = "Nats-Service-Error-Code";
/** Status of NATS's own reply if a subject has no subscriber. */
const NO_RESPONDERS = 503;

const INTERNAL_CODE = "internal";

/** Returns the error of an error reply; undefined for another message. */
export function errorOf({ headers: received, data }: Msg): AfootError | undefined {
  if (received === undefined) return undefined;
  if (received.code === NO_RESPONDERS && data.length === 0) {
    return new AfootError("broker-unavailable", "No server handles worker requests at the moment.");
  }
  const code = received.get(ERROR_CODE);
  return code === "" ? undefined : new AfootError(code, received.get(ERROR));
}

export interface ErrorReply {
  readonly data: string;
  readonly headers: MsgHdrs;
}

/** Creates an error reply. Internal errors are not exposed; the server logs them. */
export function errorReply(error: unknown): ErrorReply {
  const code = isAfootError(error) ? error.code : INTERNAL_CODE;
  const message = isAfootError(error)
    ? error.message
    : "The server failed to handle the request. Its log has the error.";
  const errorHeaders = headers();
  errorHeaders.set(ERROR_CODE, code);
  errorHeaders.set(ERROR, message.replaceAll(/\s+/g, " ").slice(0, 1000));
  return { data: JSON.stringify({ error: { code, message } }), headers: errorHeaders };
}

/**
 * Returns the number of parts of a message and the subject of the others; undefined for a complete message.
 *
 * @throws AfootError `invalid-message` for malformed headers
 */
export function partsOf({ headers: received }: Msg): { readonly count: number; readonly source: string } | undefined {
  const text = received?.get(PART_COUNT) ?? "";
  if (text === "") return undefined;
  const count = Number(text);
  const source = received?.get(PART_SOURCE) ?? "";
  if (Number.isSafeInteger(count) && count >= 2 && source !== "") return { count, source };
  throw new AfootError(
    "invalid-message",
    `${PART_COUNT}: ${text}, ${PART_SOURCE}: ${source}: these headers do not describe the first part of a message.`,
  );
}
