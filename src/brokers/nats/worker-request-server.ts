import type { Msg } from "@nats-io/transport-node";
import { AfootError, isAfootError } from "../../core/errors.ts";
import type { WorkerMessageHandlers } from "../../core/ports/broker.ts";
import type { WorkerRequestKind } from "../../core/ports/messages.ts";
import type { PersistentConnection, PersistentSubscription } from "./connection/connection.ts";
import type { Messenger } from "./messenger.ts";
import { decodeMessage, encodeMessage } from "./wire/json.ts";
import { lastToken, SERVER_GROUP, type Subjects } from "./wire/subjects.ts";

/** Time limit for the next part of a large request. */
const PART_TIMEOUT_MS = 5000;

export interface WorkerRequestServerOptions {
  readonly connection: PersistentConnection;
  readonly messenger: Messenger;
  readonly subjects: Subjects;
  readonly handlers: WorkerMessageHandlers;
}

/** Serves worker requests. NATS delivers each request to one of the servers. */
export class WorkerRequestServer {
  readonly #options: WorkerRequestServerOptions;
  readonly #subscription: PersistentSubscription;
  readonly #inFlight = new Set<Promise<void>>();
  #isStopped = false;

  constructor(options: WorkerRequestServerOptions) {
    this.#options = options;
    const { connection, subjects } = options;
    this.#subscription = connection.subscribe(subjects.worker("*"), (message) => this.#receive(message), SERVER_GROUP);
  }

  /** Accepts no more requests; later ones get an error reply. Resolves once every accepted request has a reply. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    await this.#subscription.stop();
    await Promise.all(this.#inFlight);
  }

  #receive(message: Msg): void {
    const kind = lastToken(message.subject);
    const handling = kind === "progress" ? this.#handleProgress(message) : this.#handleRequest(kind, message);
    const tracked = handling.finally(() => {
      this.#inFlight.delete(tracked);
    });
    this.#inFlight.add(tracked);
  }

  async #handleProgress(message: Msg): Promise<void> {
    const { handlers, connection } = this.#options;
    try {
      if (!this.#isStopped) handlers.progress(decodeMessage(message.data));
    } catch (error) {
      connection.log.warn({ err: error }, "discarding an invalid progress message");
    }
  }

  async #handleRequest(kind: string, message: Msg): Promise<void> {
    const { messenger, handlers, connection } = this.#options;
    if (!messenger.mayReply(message)) {
      connection.log.warn(
        { kind, reply: message.reply },
        "discarding a worker request whose reply subject is no inbox",
      );
      return;
    }
    try {
      if (this.#isStopped) {
        throw new AfootError("broker-unavailable", "This server is stopping. Retry the request with another server.");
      }
      if (!isKind(kind)) throw unknownKind(kind);
      const request = await messenger.read(message, PART_TIMEOUT_MS);
      // The handler validates the request.
      const handle: (request: never) => Promise<object> = handlers[kind];
      messenger.reply(message, encodeMessage(await handle(decodeMessage<never>(request))));
    } catch (error) {
      if (!isAfootError(error)) connection.log.error({ err: error, kind }, "failed to handle a worker request");
      // With an error reply, the worker retries sooner than after a timeout.
      messenger.replyError(message, error);
    }
  }
}

const KINDS: ReadonlySet<string> = new Set<WorkerRequestKind>(["claim", "record", "end", "beat"]);

function isKind(kind: string): kind is WorkerRequestKind {
  return KINDS.has(kind);
}

function unknownKind(kind: string): AfootError {
  const known = [...KINDS].join(", ");
  return new AfootError("invalid-message", `${JSON.stringify(kind)} is not a kind of worker request; known: ${known}.`);
}
