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
  /** Probability that a wake-up or a notice is lost. */
  lostHints = 0;
  /** Probability that a message arrives twice. */
  repeated = 0;
  /** Probability that a message arrives very late, when its sender has long sent it again. */
  late = 0;
  readonly #workers: Map<string, Boundary>;

  /** @param workers gets the process of each worker, by the worker's id */
  constructor(scheduler: Scheduler, chance: Chance, workers: Map<string, Boundary>) {
    this.#scheduler = scheduler;
    this.#chance = chance;
    this.#workers = workers;
  }

  /** Cuts one process off from the others: the one at a position from 0 to 1. */
  cut(position: number, ms: number): void {
    const peers = [...this.#peers].filter(({ boundary }) => boundary.isAlive);
    const peer = peers[Math.floor(position * peers.length)];
    if (peer === undefined) return;
    peer.boundary.trace(`cut off for ${Math.round(ms)} ms`);
    peer.cutUntil = this.#scheduler.now + ms;
  }

  /** Connects all processes again, and loses nothing but what may be lost at any time. */
  heal(): void {
    Object.assign(this, { lost: 0, repeated: 0, late: 0 });
    for (const peer of this.#peers) peer.cutUntil = 0;
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
      request: (kind, request, { timeoutMs = 10_000 } = {}) => {
        if ("worker" in request) this.#workers.set(request.worker, boundary);
        return this.#request(peer, kind, timeoutMs, (handlers: WorkerRequestHandlers) =>
          handlers[kind](clone(request)),
        );
      },
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
      flush: (worker, operation, timeoutMs) => this.#flush(peer, worker, operation, timeoutMs),
      onFlush(worker, callback) {
        peer.flushes.set(worker, callback);
        return () => {
          peer.flushes.delete(worker);
        };
      },
    };
  }

  #flush(from: Peer, worker: string, operation: string, timeoutMs: number): Promise<ProgressMessage | undefined> {
    return new Promise((resolve) => {
      from.boundary.clock.after(timeoutMs, () => resolve(undefined));
      const to = [...this.#peers].find(({ flushes }) => flushes.has(worker));
      if (to === undefined) return;
      this.#send(from, to, () => {
        void to.flushes
          .get(worker)?.(operation)
          .then((progress) => {
            this.#send(to, from, () => resolve(progress === undefined ? undefined : clone(progress)));
          });
      });
    });
  }

  #server(): Peer | undefined {
    const servers = [...this.#peers].filter(({ handlers, boundary }) => handlers !== undefined && boundary.isAlive);
    return servers.length === 0 ? undefined : this.#chance.pick(servers);
  }

  #toAll(from: Peer, deliver: (peer: Peer) => void): void {
    for (const peer of this.#peers) {
      if (!this.#chance.happens(this.lostHints)) this.#send(from, peer, () => deliver(peer));
    }
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
      const ms = this.#delay();
      this.#scheduler.after(ms, () => {
        if (!this.#isCut(to)) to.boundary.deliver(deliver);
      });
    }
  }

  /** Most messages take little time, a few are slow, and some arrive when nobody waits for them any more. */
  #delay(): number {
    const chance = this.#chance;
    if (chance.happens(this.late)) return chance.between(5000, 45_000);
    return chance.happens(0.03) ? chance.between(20, 2000) : chance.between(0.1, 5);
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
          (error: unknown) => {
            server.boundary.trace(`refuses ${name}: ${String(error)}`);
            this.#send(server, from, fail);
          },
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
