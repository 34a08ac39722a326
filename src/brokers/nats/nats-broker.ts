import type { Broker } from "../../core/ports/broker.ts";
import { resolvesWithin } from "../../core/scheduling/promises.ts";
import { PersistentConnection } from "./connection/connection.ts";
import { type NatsBrokerOptions, natsSettings } from "./connection/options.ts";
import { FlushRequests } from "./flush-requests.ts";
import { Messenger } from "./messenger.ts";
import { Publisher } from "./publisher.ts";
import { StatusStream } from "./status-stream.ts";
import { subjectsOf } from "./wire/subjects.ts";
import { WorkerRequestChannel } from "./worker-request-channel.ts";

/** Time limit for replies to accepted requests at a close. */
const CLOSE_TIMEOUT_MS = 5000;

/**
 * Creates the broker for several machines: separate servers and workers, workers in any language, and status messages
 * of external processes, which JetStream stores. While NATS is unavailable, servers serve and workers run; messages
 * between them wait.
 *
 * @throws DefinitionError for an invalid option
 */
export function natsBroker(options: NatsBrokerOptions = {}): Broker {
  const settings = natsSettings(options);
  const subjects = subjectsOf(settings.prefix);
  const connection = new PersistentConnection(settings);
  const messenger = new Messenger(connection, settings.inboxPrefix, subjects);
  const requests = new WorkerRequestChannel(connection, messenger, subjects);
  const publisher = new Publisher(connection, subjects);
  const flushRequests = new FlushRequests(connection, messenger, subjects);
  const stream = new StatusStream({ connection, subjects, replicas: settings.replicas });

  const close = async (): Promise<void> => {
    // A store that does not respond is not waited for: workers retry their requests.
    await resolvesWithin(connection.clock, CLOSE_TIMEOUT_MS, Promise.all([requests.close(), stream.close()]));
    publisher.close();
    await connection.close();
  };
  let closed: Promise<void> | undefined;

  return {
    name: "nats",
    isShared: true,
    open: (openOptions) => connection.open(openOptions),
    close: () => (closed ??= close()),
    status: () => {
      const status = connection.status();
      return stream.lastError === undefined ? status : { ...status, detail: `${status.detail}; ${stream.lastError}` };
    },
    subscribed: () => connection.flush(),
    serve: (handlers) => requests.serve(handlers),
    request: (kind, request, requestOptions) => requests.request(kind, request, requestOptions),
    progress: (message) => requests.progress(message),
    wake: (types) => publisher.wake(types),
    onWake: (types, callback) => publisher.onWake(types, callback),
    announce: (notices) => publisher.announce(notices),
    onNotice: (callback) => publisher.onNotice(callback),
    onGap: (callback) => connection.onUp(callback),
    flush: (worker, operation, timeoutMs) => flushRequests.flush(worker, operation, timeoutMs),
    onFlush: (worker, callback) => flushRequests.onFlush(worker, callback),
    onStatus: (callback) => stream.onStatus(callback),
  };
}
