import { type ChildProcess, fork } from "node:child_process";
import { fileURLToPath } from "node:url";
import type { Log } from "../../core/ports/log.ts";
import type { Clock } from "../../core/scheduling/clock.ts";
import type { AbortCode } from "../attempt/abort.ts";
import { SETTLE_GRACE_MS } from "../attempt/attempt.ts";
import { ALIVE_MS, type FromChild, type ToChild } from "./channel.ts";
import { childExecArgv } from "./exec-argv.ts";
import type { IsolatedAttempt, Runner } from "./isolated-attempt.ts";

/** How long a process may take to import the app. */
const START_MS = 60_000;
/** How much longer than its limit and grace an attempt may take before its process is ended. */
const OVERTIME_MS = 2000;
/** How long a process without work is kept for the next. */
const IDLE_MS = 10_000;

export interface ChildOptions {
  /** URL of the module whose default export is the app. */
  readonly module: string;
  readonly memoryMb: number;
  readonly silentMs: number;
  readonly clock: Clock;
  readonly log: Log;
}

/** A process of isolated work, as its worker sees it. */
export class Child implements Runner {
  readonly #options: ChildOptions;
  readonly #process: ChildProcess;
  readonly #runs = new Map<number, IsolatedAttempt>();
  readonly #flushes = new Map<number, () => void>();
  readonly #gone = Promise.withResolvers<void>();
  readonly #onGone: (lost: readonly IsolatedAttempt[]) => void;
  #numbers = 0;
  #isUsable = true;
  #isReady = false;
  #silentMs = 0;
  #takeBackTick: () => void = () => {};
  #takeBackIdle: () => void = () => {};

  /** @param onGone is given the attempts that went with the process */
  constructor(options: ChildOptions, onGone: (lost: readonly IsolatedAttempt[]) => void) {
    this.#options = options;
    this.#onGone = onGone;
    this.#process = forkProcess(options);
    this.#process.on("message", (message: FromChild) => this.#hear(message));
    this.#process.on("exit", (code, signal) => this.#leave({ code, signal }));
    this.#process.on("error", (error) => {
      options.log.error({ error }, "a process of isolated work could not be started or reached");
      if (this.#process.pid === undefined) this.#leave({});
    });
    this.#tick();
  }

  get size(): number {
    return this.#runs.size;
  }

  /** False once it is ending, or something in it would not end. */
  get isUsable(): boolean {
    return this.#isUsable;
  }

  run(attempt: IsolatedAttempt): void {
    this.#takeBackIdle();
    const run = ++this.#numbers;
    this.#runs.set(run, attempt);
    attempt.begin(this);
    const { grant, heldMs } = attempt;
    this.#say({ say: "run", run, grant, heldMs });
    // The process ends the attempt at its limit by itself, if it can.
    const takeBack = this.#options.clock.after(grant.timeoutMs - heldMs + SETTLE_GRACE_MS + OVERTIME_MS, () =>
      this.#overtime(run),
    );
    void attempt.ended.finally(takeBack);
  }

  abort(attempt: IsolatedAttempt, code: AbortCode): void {
    const run = this.#runOf(attempt);
    if (run !== undefined) this.#say({ say: "abort", run, code });
  }

  async flush(attempt: IsolatedAttempt): Promise<void> {
    const run = this.#runOf(attempt);
    if (run === undefined) return;
    const call = ++this.#numbers;
    await new Promise<void>((resolve) => {
      this.#flushes.set(call, resolve);
      this.#say({ say: "flush", run, call });
    });
    this.#flushes.delete(call);
  }

  /** Ends the process, and with it what it still runs. */
  async end(): Promise<void> {
    this.#isUsable = false;
    this.#process.kill("SIGKILL");
    await this.#gone.promise;
  }

  #hear(message: FromChild): void {
    this.#silentMs = 0;
    switch (message.say) {
      case "ready":
        this.#isReady = true;
        break;
      case "alive":
        break;
      case "record":
        void this.#record(message);
        break;
      case "progress":
        this.#runs.get(message.run)?.progressed(message.message);
        break;
      case "flushed":
        this.#flushes.get(message.call)?.();
        break;
      case "end":
        this.#ended(message.run, message.end);
        break;
      case "log":
        this.#options.log[message.level](message.fields, message.message);
    }
  }

  async #record({ run, call, message }: FromChild & { say: "record" }): Promise<void> {
    const attempt = this.#runs.get(run);
    const reply = attempt === undefined ? { answer: "drop" as const } : await attempt.link.record(message);
    this.#say({ say: "recorded", call, reply });
  }

  #ended(run: number, end: (FromChild & { say: "end" })["end"]): void {
    const attempt = this.#runs.get(run);
    this.#runs.delete(run);
    attempt?.end(end);
    if (this.#runs.size > 0) return;
    if (!this.#isUsable) this.#process.kill("SIGKILL");
    this.#takeBackIdle = this.#options.clock.after(IDLE_MS, () => void this.end());
  }

  /** Past its limit, and its own process could not end it. */
  #overtime(run: number): void {
    this.#isUsable = false;
    // What shares the process is not to blame; the reaper ends the attempt meanwhile.
    if (this.#runs.has(run) && this.#runs.size === 1) this.#process.kill("SIGKILL");
  }

  /** Counts in ticks: one that comes late says that this process stood still, not that one. */
  #tick(): void {
    this.#takeBackTick = this.#options.clock.after(ALIVE_MS, () => {
      this.#silentMs += ALIVE_MS;
      const limitMs = this.#isReady ? this.#options.silentMs : START_MS;
      if (this.#silentMs > limitMs) {
        this.#options.log.warn(
          { pid: this.#process.pid, limitMs },
          "a process of isolated work stood still and is ended",
        );
        this.#process.kill("SIGKILL");
        return;
      }
      this.#tick();
    });
  }

  #say(message: ToChild): void {
    if (!this.#process.connected) return;
    this.#process.send(message, (error) => {
      // It is gone or going; its exit says so.
      if (error !== null) this.#options.log.debug({ error }, "a process of isolated work does not listen any more");
    });
  }

  #runOf(attempt: IsolatedAttempt): number | undefined {
    for (const [run, each] of this.#runs) if (each === attempt) return run;
    return undefined;
  }

  #leave(how: object): void {
    this.#isUsable = false;
    this.#takeBackTick();
    this.#takeBackIdle();
    const lost = [...this.#runs.values()];
    const operations = lost.map(({ operation }) => operation);
    if (lost.length > 0) this.#options.log.warn({ ...how, operations }, "a process of isolated work died");
    this.#runs.clear();
    for (const resolve of this.#flushes.values()) resolve();
    this.#onGone(lost);
    this.#gone.resolve();
  }
}

function forkProcess({ module, memoryMb }: ChildOptions): ChildProcess {
  const ending = import.meta.url.endsWith(".ts") ? "ts" : "js";
  const entry = new URL(`./isolated-process.${ending}`, import.meta.url);
  return fork(fileURLToPath(entry), [module], {
    execArgv: childExecArgv(process.execArgv, memoryMb),
    stdio: ["ignore", "inherit", "inherit", "ipc"],
  });
}
