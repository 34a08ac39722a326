import type { Msg } from "@nats-io/transport-node";
import { AfootError, isAfootError } from "../../core/errors.ts";
import type { WorkerMessageHandlers } from "../../core/ports/broker.ts";
import type { WorkerRequestKind } from "../../core/ports/messages.ts";
import type { Link, Listening } from "./connection/connection.ts";
import type { Exchange } from "./messenger.ts";
import { decoded, encoded } from "./wire/json.ts";
import { lastToken, SERVERS, type Subjects } from "./wire/subjects.ts";

/** How long the next part of a large request may take. */
const PART_MS = 5000;

export interface ServingOptions {
  readonly link: Link;
  readonly exchange: Exchange;
  readonly subjects: Subjects;
  readonly handler: WorkerMessageHandlers;
}

/** Answers worker requests. Each goes to one of the servers. */
export class Serving {
  readonly #options: ServingOptions;
  readonly #listening: Listening;
  readonly #underWay = new Set<Promise<void>>();
  #isStopped = false;

  constructor(options: ServingOptions) {
    this.#options = options;
    const { link, subjects } = options;
    this.#listening = link.listen(subjects.worker("*"), (message) => this.#take(message), SERVERS);
  }

  /** Takes no more; what arrives meanwhile is told so. Resolves when all that was taken is answered. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    await this.#listening.stop();
    await Promise.all(this.#underWay);
  }

  #take(message: Msg): void {
    const kind = lastToken(message.subject);
    const taken = (kind === "progress" ? this.#progress(message) : this.#answer(kind, message)).finally(() => {
      this.#underWay.delete(taken);
    });
    this.#underWay.add(taken);
  }

  async #progress(message: Msg): Promise<void> {
    const { handler, link } = this.#options;
    try {
      if (!this.#isStopped) handler.progress(decoded(message.data));
    } catch (error) {
      link.log.warn({ err: error }, "a progress message is not taken");
    }
  }

  async #answer(kind: string, message: Msg): Promise<void> {
    const { exchange, handler, link } = this.#options;
    try {
      if (this.#isStopped) throw new AfootError("broker-unavailable", "This server is stopping; another one answers.");
      if (!isKind(kind)) throw unknownKind(kind);
      const request = await exchange.read(message, PART_MS);
      // Whatever it is, the handler checks it.
      const answer: (request: never) => Promise<object> = handler[kind];
      exchange.answer(message, encoded(await answer(decoded<never>(request))));
    } catch (error) {
      if (!isAfootError(error)) link.log.error({ err: error, kind }, "a worker's request could not be answered");
      // It repeats the request sooner than it would if it heard nothing.
      exchange.refuse(message, error);
    }
  }
}

const KINDS: ReadonlySet<string> = new Set<WorkerRequestKind>(["claim", "record", "end", "beat"]);

function isKind(kind: string): kind is WorkerRequestKind {
  return KINDS.has(kind);
}

function unknownKind(kind: string): AfootError {
  return new AfootError("invalid-message", `There is no worker request of the kind ${JSON.stringify(kind)}.`);
}
