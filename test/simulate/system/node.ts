import { ClockFollower } from "../../../src/app/clock-follower.ts";
import { type AppParts, createApp } from "../../../src/app/create-app.ts";
import { type Log, silentLog } from "../../../src/core/ports/log.ts";
import type { Principal } from "../../../src/core/principal.ts";
import { steadyClock } from "../../../src/core/scheduling/steady-clock.ts";
import type { AuthenticateRequest } from "../../../src/server/access/access.ts";
import type { Handler } from "../../../src/server/http/exchange.ts";
import { clockCheckedStore } from "../../../src/server/storage/clock-checked-store.ts";
import { Boundary } from "../world/boundary.ts";
import { simulatedStore } from "./simulated-store.ts";
import type { System } from "./system.ts";
import { declareTypes } from "./types.ts";
import { WEBHOOKS } from "./webhook-receiver.ts";

/** Maximum number of resources of one owner in progress. */
const MAX_OF_OWNER = 12;

/** Reads the credentials of a simulated client: its name and its owner. */
function authenticate({ header }: AuthenticateRequest): Principal | null {
  const [id, owner] = header("authorization")?.split(" ").slice(1) ?? [];
  if (id === undefined) return null;
  return owner === undefined ? { id, operator: true } : { id, owner };
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
  #isServing = false;
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

  /** True while a process serves, and is neither suspended nor stopping. */
  get isRunning(): boolean {
    const { scheduler } = this.#system;
    return this.#isServing && (this.#boundary?.suspendedUntil ?? Infinity) <= scheduler.now;
  }

  /** True for a server that is not about to crash. */
  get staysServing(): boolean {
    return this.isServer && this.isRunning && this.#boundary?.isDoomed === false;
  }

  /** Starts a process. It begins to serve some time later. */
  start(): void {
    if (this.#boundary?.isAlive === true) return;
    const { scheduler, chanceOf, wallClock } = this.#system;
    const name = `${this.#name}.${++this.#starts}`;
    const boundary = new Boundary({
      ...{ name, scheduler, chance: chanceOf(name) },
      wallClock: () => wallClock() + this.skewMs,
      onEnd: () => {
        this.#handler = undefined;
        this.#isServing = false;
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
    this.#isServing = false;
    void app.close({ graceMs }).then(
      () => boundary.end(),
      () => boundary.end(),
    );
  }

  async #begin(boundary: Boundary): Promise<void> {
    const system = this.#system;
    const { scheduler, external, listener, network } = system;
    const clock = steadyClock(boundary.clock);
    const isNewer = system.isMixed && system.chanceOf(`${boundary.name} version`).happens(0.5);
    const version = isNewer || system.isRolledOut ? 2 : 1;
    system.receiver.connect(boundary, clock);
    const app = createApp({
      resources: declareTypes({ boundary, external, listener, version }),
      messages: true,
      operations: true,
      webhooks: WEBHOOKS,
      authenticate,
      maxInProgressPerPrincipal: MAX_OF_OWNER,
    });
    this.#app = app;
    let follower: ClockFollower | undefined;
    const store = simulatedStore({
      ...{ system, boundary, chance: system.chanceOf(`${boundary.name} store`) },
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
    const checked = clockCheckedStore(store, async () => follower?.check());
    await app.start({
      ...(this.#role === "worker" && network !== undefined ? {} : { store: checked }),
      ...(network === undefined ? {} : { broker: network.broker(boundary) }),
      role: network === undefined ? "all" : this.#role,
      log: traceLog(system, boundary),
      clock,
    });
    if (boundary.isAlive && this.isServer) this.#handler = app.handler;
    this.#isServing = boundary.isAlive;
    boundary.trace("serves");
  }
}

/** Adds the warnings of a process to the trace, and checks what they claim. */
function traceLog(system: System, boundary: Boundary): Log {
  const add =
    (level: string) =>
    (fields: object, message: string): void => {
      const error = "error" in fields && fields.error instanceof Error ? `: ${fields.error.message}` : "";
      boundary.trace(`${level}: ${message}${error}`);
      if (message.startsWith("worker is dead") && "worker" in fields) checkDead(system, String(fields.worker));
    };
  return { ...silentLog, warn: add("warning"), error: add("error") };
}

/** Time without faults after which each heartbeat arrives. */
const HEARTBEATS_MS = 20_000;

function checkDead({ scheduler, violations, workers, disturbedAt }: System, worker: string): void {
  const process = workers.get(worker);
  const isBeating = process?.isAlive === true && disturbedAt + HEARTBEATS_MS < scheduler.now;
  violations.check(!isBeating, "a worker that beats keeps its lease", () => worker);
}
