import type { Unsubscribe } from "../../core/ports/broker.ts";
import type { ProgressMessage } from "../../core/ports/messages.ts";
import { withTimeout } from "../../core/scheduling/promises.ts";
import type { PersistentConnection } from "./connection/connection.ts";
import type { Messenger } from "./messenger.ts";
import { decodeMessage, encodeMessage } from "./wire/json.ts";
import type { Subjects } from "./wire/subjects.ts";

type FlushCallback = (operation: string) => Promise<ProgressMessage | undefined>;

/** Requests the latest progress from workers. A worker of this process is called directly. */
export class FlushRequests {
  readonly #connection: PersistentConnection;
  readonly #messenger: Messenger;
  readonly #subjects: Subjects;
  readonly #localCallbacks = new Map<string, FlushCallback>();

  constructor(connection: PersistentConnection, messenger: Messenger, subjects: Subjects) {
    this.#connection = connection;
    this.#messenger = messenger;
    this.#subjects = subjects;
  }

  async flush(worker: string, operation: string, timeoutMs: number): Promise<ProgressMessage | undefined> {
    const local = this.#localCallbacks.get(worker);
    try {
      if (local !== undefined) return await withTimeout(this.#connection.clock, timeoutMs, local(operation));
      const data = encodeMessage({ operation });
      const reply = await this.#messenger.request(this.#subjects.flush(worker), data, { timeoutMs });
      return decodeMessage<{ readonly progress?: ProgressMessage }>(reply).progress;
    } catch {
      // The worker is gone, too slow, or failed: the stored progress is shown.
      return undefined;
    }
  }

  onFlush(worker: string, callback: FlushCallback): Unsubscribe {
    this.#localCallbacks.set(worker, callback);
    const subscription = this.#connection.subscribe(this.#subjects.flush(worker), (message) => {
      const flushed = async (): Promise<void> => {
        const { operation } = decodeMessage<{ readonly operation: string }>(message.data);
        const progress = await callback(operation);
        this.#messenger.reply(message, encodeMessage(progress === undefined ? {} : { progress }));
      };
      flushed().catch((error: unknown) => this.#messenger.replyError(message, error));
    });
    return () => {
      this.#localCallbacks.delete(worker);
      void subscription.stop();
    };
  }
}
