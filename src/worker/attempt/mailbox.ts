import { isJsonObject, type JsonText } from "../../core/json/json.ts";
import type { Grant } from "../../core/ports/messages.ts";
import type { ReceivedMessage } from "../../core/resource.ts";

/** The messages received for an operation, and those that earlier calls have consumed. */
export class Mailbox {
  readonly #received: readonly ReceivedMessage[];
  readonly #consumed: Set<string>;
  readonly #calls = new Map<string, number>();

  constructor({ received, records }: Grant) {
    this.#received = received.toSorted((a, b) => a.position - b.position);
    this.#consumed = new Set(records.flatMap(({ result }) => messageOf(result) ?? []));
  }

  /** Returns the step name of the next call of a message name: the name itself, then `name#2`. */
  stepOf(name: string): string {
    const calls = (this.#calls.get(name) ?? 0) + 1;
    this.#calls.set(name, calls);
    return calls === 1 ? name : `${name}#${calls}`;
  }

  /** Consumes the oldest unconsumed message of a name. */
  consume(name: string): ReceivedMessage | undefined {
    const message = this.#received.find((each) => each.name === name && !this.#consumed.has(each.id));
    if (message !== undefined) this.#consumed.add(message.id);
    return message;
  }

  /** Returns the message value of a recorded call, or undefined if it timed out. */
  recordedValue(result: JsonText | null): unknown {
    const id = messageOf(result);
    const message = this.#received.find((each) => each.id === id);
    return message === undefined ? undefined : JSON.parse(message.value);
  }
}

/** Returns the recorded result of a call that consumed a message. */
export function consumedResult({ id }: ReceivedMessage): JsonText {
  return JSON.stringify({ receivedMessage: id });
}

function messageOf(result: JsonText | null): string | undefined {
  if (result === null || !result.startsWith('{"receivedMessage":')) return undefined;
  const recorded: unknown = JSON.parse(result);
  const id = isJsonObject(recorded) ? recorded["receivedMessage"] : undefined;
  return typeof id === "string" ? id : undefined;
}
