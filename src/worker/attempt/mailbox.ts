import { isJsonObject, type JsonText } from "../../core/json/json.ts";
import type { Grant } from "../../core/ports/messages.ts";
import type { ReceivedMessage } from "../../core/resource.ts";

/** What was received for an operation, and which of it earlier calls have taken. */
export class Mailbox {
  readonly #received: readonly ReceivedMessage[];
  readonly #taken: Set<string>;
  readonly #calls = new Map<string, number>();

  constructor({ received, records }: Grant) {
    this.#received = received.toSorted((a, b) => a.position - b.position);
    this.#taken = new Set(records.flatMap(({ result }) => messageOf(result) ?? []));
  }

  /** The step as which the next call of a name is recorded: the name for the first, `name#2` for the second. */
  stepOf(name: string): string {
    const calls = (this.#calls.get(name) ?? 0) + 1;
    this.#calls.set(name, calls);
    return calls === 1 ? name : `${name}#${calls}`;
  }

  /** The oldest message of a name that no call has taken; taken from now on. */
  take(name: string): ReceivedMessage | undefined {
    const message = this.#received.find((each) => each.name === name && !this.#taken.has(each.id));
    if (message !== undefined) this.#taken.add(message.id);
    return message;
  }

  /** What a recorded call gave: its message's value, or undefined where it waited in vain. */
  recordedValue(result: JsonText | null): unknown {
    const id = messageOf(result);
    const message = this.#received.find((each) => each.id === id);
    return message === undefined ? undefined : JSON.parse(message.value);
  }
}

/** What is recorded of a call that took a message. */
export function takenResult({ id }: ReceivedMessage): JsonText {
  return JSON.stringify({ receivedMessage: id });
}

function messageOf(result: JsonText | null): string | undefined {
  if (result === null || !result.startsWith('{"receivedMessage":')) return undefined;
  const taken: unknown = JSON.parse(result);
  const id = isJsonObject(taken) ? taken["receivedMessage"] : undefined;
  return typeof id === "string" ? id : undefined;
}
