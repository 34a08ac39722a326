import { AfootError } from "../../../src/core/errors.ts";
import type { Broker, WorkerMessageHandlers, WorkerRequestHandlers } from "../../../src/core/ports/broker.ts";
import type { Notice, ProgressMessage } from "../../../src/core/ports/messages.ts";
import type { Boundary } from "../world/boundary.ts";
import type { Chance } from "../world/chance.ts";
import type { Scheduler } from "../world/scheduler.ts";

/** One process at the broker. */
interface Peer {
  readonly boundary: Boundary;
  handlers: WorkerMessageHandlers | undefined;
  readonly wakes: Set<{ readonly types: readonly string[]; readonly callback: () => void }>;
  readonly notices: Set<(notices: readonly Notice[]) => void>;
  readonly flushes: Map<string, (operation: string) => Promise<ProgressMessage | undefined>>;
  /** Until then, the process is cut off from the broker. */
  cutUntil: number;
}

/** The network between servers and workers. It drops, delays, duplicates and reorders what the port allows. */
export class Network {
  readonly #scheduler: Scheduler;
  readonly #chance: Chance;
  readonly #peers = new Set<Peer>();
  /** Probability that a message is lost. */
  lost = 0;
  /** Probability that a message arrives twice. */
  repeated = 0;

  constructor(scheduler: Scheduler, chance: Chance) {
    this.#scheduler = scheduler;
    this.#chance = chance;
  }

  /** Cuts a random process off from the others. */
  cut(ms: number): void {
    const peers = [...this.#peers].filter(({ boundary }) => boundary.isAlive);
    if (peers.length === 0) return;
    const peer = this.#chance.pick(peers);
    peer.boundary.trace(`cut off for ${Math.round(ms)} ms`);
    peer.cutUntil = this.#scheduler.now + ms;
  }

  /** Creates the broker of one process. */
  broker(boundary: Boundary): Broker {
    const peer: Peer = {
      boundary,
      handlers: undefined,
      wakes: new Set(),
      notices: new Set(),
      flushes: new Map(),
      cutUntil: 0,
    };
    return {
      name: "network",
      isShared: true,
      open: async () => {
        this.#peers.add(peer);
      },
      close: async () => {
        this.#peers.delete(peer);
      },
      serve(handlers) {
        peer.handlers = handlers;
        return () => {
          peer.handlers = undefined;
        };
      },
      request: (kind, request, { timeoutMs = 10_000 } = {}) =>
        this.#request(peer, kind, timeoutMs, (handlers: WorkerRequestHandlers) => handlers[kind](clone(request))),
      progress: (message) => {
        const server = this.#server();
        if (server !== undefined) this.#send(peer, server, () => server.handlers?.progress(clone(message)));
      },
      wake: (types) => {
        this.#toAll(peer, (other) => {
          for (const wake of other.wakes) if (wake.types.some((type) => types.includes(type))) wake.callback();
        });
      },
      onWake: (types, callback) => added(peer.wakes, { types, callback }),
      announce: (notices) => {
        this.#toAll(peer, (other) => {
          for (const callback of other.notices) callback(clone(notices));
        });
      },
      onNotice: (callback) => added(peer.notices, callback),
      flush: async () => undefined,
      onFlush(worker, callback) {
        peer.flushes.set(worker, callback);
        return () => {
          peer.flushes.delete(worker);
        };
      },
    };
  }

  #server(): Peer | undefined {
    const servers = [...this.#peers].filter(({ handlers, boundary }) => handlers !== undefined && boundary.isAlive);
    return servers.length === 0 ? undefined : this.#chance.pick(servers);
  }

  #toAll(from: Peer, deliver: (peer: Peer) => void): void {
    for (const peer of this.#peers) this.#send(from, peer, () => deliver(peer));
  }

  #isCut({ cutUntil, boundary }: Peer): boolean {
    return cutUntil > this.#scheduler.now || !boundary.isAlive;
  }

  /** Sends a message, which arrives after a delay of its own: once, twice or never. */
  #send(from: Peer, to: Peer, deliver: () => void): void {
    const chance = this.#chance;
    const times = chance.happens(this.repeated) ? 2 : 1;
    for (let time = 0; time < times; time++) {
      if (this.#isCut(from) || this.#isCut(to) || chance.happens(this.lost)) continue;
      const ms = chance.happens(0.03) ? chance.between(20, 2000) : chance.between(0.1, 5);
      this.#scheduler.after(ms, () => {
        if (!this.#isCut(to)) to.boundary.deliver(deliver);
      });
    }
  }

  #request<Reply>(
    from: Peer,
    name: string,
    timeoutMs: number,
    handle: (handlers: WorkerRequestHandlers) => Promise<Reply>,
  ): Promise<Reply> {
    return new Promise((resolve, reject) => {
      const fail = (): void => reject(new AfootError("broker-unavailable", "No server replied in time"));
      from.boundary.clock.after(timeoutMs, fail);
      const server = this.#server();
      if (server === undefined) return;
      this.#send(from, server, () => {
        const { handlers } = server;
        if (handlers === undefined) return;
        server.boundary.trace(`handles ${name}`);
        handle(handlers).then(
          (reply) => this.#send(server, from, () => resolve(clone(reply))),
          () => this.#send(server, from, fail),
        );
      });
    });
  }
}

/** Copies a message, as a transport does. */
function clone<Message>(message: Message): Message {
  return structuredClone(message);
}

function added<Entry>(entries: Set<Entry>, entry: Entry): () => void {
  entries.add(entry);
  return () => void entries.delete(entry);
}
