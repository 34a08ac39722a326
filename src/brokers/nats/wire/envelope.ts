import { headers, type Msg, type MsgHdrs } from "@nats-io/transport-node";
import { AfootError, isAfootError } from "../../../core/errors.ts";

/** Of how many parts a message consists. */
export const PART_COUNT = "Afoot-Parts";
/** Where to ask for the others, by their number from 1; and where to say `done`. */
export const PART_SOURCE = "Afoot-Rest";
/** As services on NATS say it. @see https://github.com/nats-io/nats-architecture-and-design/blob/main/adr/ADR-32.md */
const ERROR = "Nats-Service-Error";
const ERROR_CODE = "Nats-Service-Error-Code";
/** What NATS itself answers where nobody listens. */
const NO_RESPONDERS = 503;

const UNKNOWN = "internal";

/** The error that a message is, if it is one. */
export function errorOf({ headers: said, data }: Msg): AfootError | undefined {
  if (said === undefined) return undefined;
  if (said.code === NO_RESPONDERS && data.length === 0) {
    return new AfootError("broker-unavailable", "No server answers worker requests at the moment.");
  }
  const code = said.get(ERROR_CODE);
  return code === "" ? undefined : new AfootError(code, said.get(ERROR));
}

export interface Failure {
  readonly data: string;
  readonly headers: MsgHdrs;
}

/** An error as an answer. What is not meant for others is in the server's log. */
export function failure(error: unknown): Failure {
  const code = isAfootError(error) ? error.code : UNKNOWN;
  const message = isAfootError(error) ? error.message : "The server could not answer; its log says why.";
  const said = headers();
  said.set(ERROR_CODE, code);
  said.set(ERROR, message.replaceAll(/\s+/g, " ").slice(0, 1000));
  return { data: JSON.stringify({ error: { code, message } }), headers: said };
}

/** How many parts a message has, and where the others are; undefined of one that is whole. @throws AfootError `invalid-message` */
export function partsOf({ headers: said }: Msg): { readonly count: number; readonly source: string } | undefined {
  const text = said?.get(PART_COUNT) ?? "";
  if (text === "") return undefined;
  const count = Number(text);
  const source = said?.get(PART_SOURCE) ?? "";
  if (Number.isSafeInteger(count) && count >= 2 && source !== "") return { count, source };
  throw new AfootError(
    "invalid-message",
    `${PART_COUNT}: ${text}, ${PART_SOURCE}: ${source}: not the first part of a message.`,
  );
}
