import type { Broker } from "../../core/ports/broker.ts";
import { resolvesWithin } from "../../core/scheduling/promises.ts";
import { Link } from "./connection/connection.ts";
import { type NatsBrokerOptions, natsSettings } from "./connection/options.ts";
import { Flushes } from "./flush-requests.ts";
import { Exchange } from "./messenger.ts";
import { Announcer } from "./publisher.ts";
import { Requests } from "./requests.ts";
import { StatusStream } from "./status-stream.ts";
import { subjectsOf } from "./wire/subjects.ts";

/** How long what was taken may take to be answered at a close. */
const CLOSE_MS = 5000;

/**
 * The broker beyond one machine: servers and workers apart, workers in any language, status messages of outside processes kept in
 * JetStream. While NATS is away, servers serve and workers work on; what they have to say to each other waits.
 *
 * @throws DefinitionError for an option that cannot be
 */
export function natsBroker(options: NatsBrokerOptions = {}): Broker {
  const settings = natsSettings(options);
  const subjects = subjectsOf(settings.prefix);
  const link = new Link(settings);
  const exchange = new Exchange(link, settings.inboxPrefix);
  const requests = new Requests(link, exchange, subjects);
  const announcer = new Announcer(link, subjects);
  const flushes = new Flushes(link, exchange, subjects);
  const stream = new StatusStream({ link, subjects, replicas: settings.replicas });

  const close = async (): Promise<void> => {
    // A store that does not answer is not waited for: whoever asked asks again.
    await resolvesWithin(link.clock, CLOSE_MS, Promise.all([requests.close(), stream.close()]));
    announcer.close();
    await link.close();
  };
  let closed: Promise<void> | undefined;

  return {
    name: "nats",
    isShared: true,
    open: (open) => link.open(open),
    close: () => (closed ??= close()),
    status: () => {
      const status = link.status();
      return stream.trouble === undefined ? status : { ...status, detail: `${status.detail}; ${stream.trouble}` };
    },
    subscribed: () => link.flush(),
    serve: (handler) => requests.serve(handler),
    request: (kind, request, asked) => requests.request(kind, request, asked),
    progress: (message) => requests.progress(message),
    wake: (types) => announcer.wake(types),
    onWake: (types, callback) => announcer.onWake(types, callback),
    announce: (notices) => announcer.announce(notices),
    onNotice: (callback) => announcer.onNotice(callback),
    onGap: (callback) => link.onUp(callback),
    flush: (worker, operation, timeoutMs) => flushes.flush(worker, operation, timeoutMs),
    onFlush: (worker, callback) => flushes.onFlush(worker, callback),
    onStatus: (callback) => stream.onStatus(callback),
  };
}
