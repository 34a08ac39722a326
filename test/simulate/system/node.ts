import { ClockFollower } from "../../../src/app/clock-follower.ts";
import { type AppParts, createApp } from "../../../src/app/create-app.ts";
import { type Log, silentLog } from "../../../src/core/ports/log.ts";
import { steadyClock } from "../../../src/core/scheduling/steady-clock.ts";
import type { Handler } from "../../../src/server/http/exchange.ts";
import type { MemoryDatabase } from "../store/database.ts";
import { Boundary } from "../world/boundary.ts";
import type { Chance } from "../world/chance.ts";
import type { Scheduler } from "../world/scheduler.ts";
import type { ExternalSystem } from "./external-system.ts";
import type { Network } from "./simulated-broker.ts";
import { type DatabaseState, simulatedStore } from "./simulated-store.ts";
import { declareTypes, type WorkListener } from "./types.ts";

/** What all nodes share. */
export interface System {
  readonly scheduler: Scheduler;
  readonly chance: Chance;
  readonly database: MemoryDatabase;
  readonly state: DatabaseState;
  readonly external: ExternalSystem;
  readonly listener: WorkListener;
  /** The network between servers and workers; undefined if each node has both. */
  readonly network: Network | undefined;
  /** Instant of the database's wall clock. */
  readonly wallClock: () => number;
}

export type Role = "all" | "server" | "worker";

/** One process after the other on the same machine. */
export class SimulatedNode {
  readonly #system: System;
  readonly #role: Role;
  readonly #name: string;
  #starts = 0;
  #boundary: Boundary | undefined;
  #app: Pick<AppParts, "close"> | undefined;
  #handler: Handler | undefined;
  /** Difference between the clock of the machine and that of the database. */
  skewMs = 0;

  constructor(system: System, role: Role, name: string) {
    this.#system = system;
    this.#role = role;
    this.#name = name;
  }

  get isServer(): boolean {
    return this.#role !== "worker";
  }

  get boundary(): Boundary | undefined {
    return this.#boundary;
  }

  /** The handler of HTTP requests; undefined while no process serves them. */
  get handler(): Handler | undefined {
    return this.#handler;
  }

  /** Starts a process. It begins to serve some time later. */
  start(): void {
    if (this.#boundary?.isAlive === true) return;
    const { scheduler, chance, wallClock } = this.#system;
    const boundary = new Boundary({
      name: `${this.#name}.${++this.#starts}`,
      scheduler,
      chance,
      wallClock: () => wallClock() + this.skewMs,
      onEnd: () => {
        this.#handler = undefined;
      },
    });
    this.#boundary = boundary;
    boundary.trace("start");
    void this.#begin(boundary).catch(() => boundary.end());
  }

  /** Stops the process as a deploy does: work gets a grace period, the rest is handed back. */
  stop(graceMs: number): void {
    const boundary = this.#boundary;
    const app = this.#app;
    if (boundary === undefined || app === undefined || !boundary.isAlive) return;
    boundary.trace("stop");
    void app.close({ graceMs }).then(
      () => boundary.end(),
      () => boundary.end(),
    );
  }

  async #begin(boundary: Boundary): Promise<void> {
    const { scheduler, chance, database, state, external, listener, network, wallClock } = this.#system;
    const clock = steadyClock(boundary.clock);
    const app = createApp({
      resources: declareTypes({ boundary, external, listener }),
      messages: true,
      operations: true,
    });
    this.#app = app;
    let follower: ClockFollower | undefined;
    const store = simulatedStore({
      ...{ database, state, boundary, scheduler, chance, wallClock },
      async onOpen() {
        follower = new ClockFollower({
          store,
          clock,
          wallClock: boundary.clock,
          log: silentLog,
          uptimeMs: () => scheduler.now,
        });
        await follower.start();
      },
    });
    await app.start({
      ...(this.#role === "worker" && network !== undefined ? {} : { store }),
      ...(network === undefined ? {} : { broker: network.broker(boundary) }),
      role: network === undefined ? "all" : this.#role,
      log: traceLog(boundary),
      clock,
    });
    if (boundary.isAlive && this.isServer) this.#handler = app.handler;
    boundary.trace("serves");
  }
}

/** Adds the warnings of a process to the trace. */
function traceLog(boundary: Boundary): Log {
  const add =
    (level: string) =>
    (fields: object, message: string): void => {
      const error = "error" in fields && fields.error instanceof Error ? `: ${fields.error.message}` : "";
      boundary.trace(`${level}: ${message}${error}`);
    };
  return { ...silentLog, warn: add("warning"), error: add("error") };
}
