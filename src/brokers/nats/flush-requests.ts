import type { Unsubscribe } from "../../core/ports/broker.ts";
import type { ProgressMessage } from "../../core/ports/messages.ts";
import { withTimeout } from "../../core/scheduling/promises.ts";
import type { Link } from "./connection/connection.ts";
import type { Exchange } from "./messenger.ts";
import { decoded, encoded } from "./wire/json.ts";
import type { Subjects } from "./wire/subjects.ts";

type FlushCallback = (operation: string) => Promise<ProgressMessage | undefined>;

/** Asks workers to send their progress now. A worker of this process is asked directly. */
export class Flushes {
  readonly #link: Link;
  readonly #exchange: Exchange;
  readonly #subjects: Subjects;
  readonly #here = new Map<string, FlushCallback>();

  constructor(link: Link, exchange: Exchange, subjects: Subjects) {
    this.#link = link;
    this.#exchange = exchange;
    this.#subjects = subjects;
  }

  async flush(worker: string, operation: string, timeoutMs: number): Promise<ProgressMessage | undefined> {
    const here = this.#here.get(worker);
    try {
      if (here !== undefined) return await withTimeout(this.#link.clock, timeoutMs, here(operation));
      const answer = await this.#exchange.ask(this.#subjects.flush(worker), encoded({ operation }), { timeoutMs });
      return decoded<{ readonly progress?: ProgressMessage }>(answer).progress;
    } catch {
      // Nobody there, too late, or the worker failed to: what is stored is shown.
      return undefined;
    }
  }

  onFlush(worker: string, callback: FlushCallback): Unsubscribe {
    this.#here.set(worker, callback);
    const listening = this.#link.listen(this.#subjects.flush(worker), (message) => {
      const flushed = async (): Promise<void> => {
        const { operation } = decoded<{ readonly operation: string }>(message.data);
        const progress = await callback(operation);
        this.#exchange.answer(message, encoded(progress === undefined ? {} : { progress }));
      };
      flushed().catch((error: unknown) => this.#exchange.refuse(message, error));
    });
    return () => {
      this.#here.delete(worker);
      void listening.stop();
    };
  }
}
