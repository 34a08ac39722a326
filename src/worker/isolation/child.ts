import { type ChildProcess, fork } from "node:child_process";
import { fileURLToPath } from "node:url";
import type { Log } from "../../core/ports/log.ts";
import type { Clock } from "../../core/scheduling/clock.ts";
import type { AbortCode } from "../attempt/abort.ts";
import { ABORT_GRACE_MS } from "../attempt/attempt.ts";
import { ALIVE_INTERVAL_MS, type FromChild, type ToChild } from "./channel.ts";
import { childExecArgv } from "./exec-argv.ts";
import type { IsolatedAttempt, ProcessRunner } from "./isolated-attempt.ts";

/** Maximum time to import the app. */
const MAX_START_MS = 60_000;
/** Time beyond its limit and grace after which an attempt's process is killed. */
const OVERTIME_MS = 2000;
/** Time after which an idle process ends. */
const MAX_IDLE_MS = 10_000;

export interface ChildOptions {
  /** URL of the module whose default export is the app. */
  readonly module: string;
  readonly memoryMb: number;
  readonly silentMs: number;
  readonly clock: Clock;
  readonly log: Log;
}

/** The worker's handle of an isolated process. */
export class Child implements ProcessRunner {
  readonly #options: ChildOptions;
  readonly #process: ChildProcess;
  readonly #runs = new Map<number, IsolatedAttempt>();
  readonly #flushes = new Map<number, () => void>();
  readonly #exited = Promise.withResolvers<void>();
  readonly #onExit: (lost: readonly IsolatedAttempt[]) => void;
  #lastNumber = 0;
  #isUsable = true;
  #isReady = false;
  #silentMs = 0;
  #cancelTick: () => void = () => {};
  #cancelIdleTimer: () => void = () => {};

  /** @param onExit receives the attempts that were lost with the process */
  constructor(options: ChildOptions, onExit: (lost: readonly IsolatedAttempt[]) => void) {
    this.#options = options;
    this.#onExit = onExit;
    this.#process = forkProcess(options);
    this.#process.on("message", (message: FromChild) => this.#onMessage(message));
    this.#process.on("exit", (code, signal) => this.#handleExit({ code, signal }));
    this.#process.on("error", (error) => {
      options.log.error({ error }, "failed to start or reach an isolated worker process");
      if (this.#process.pid === undefined) this.#handleExit({});
    });
    this.#tick();
  }

  get size(): number {
    return this.#runs.size;
  }

  /** False once the process is ending, or an attempt in it did not end in time. */
  get isUsable(): boolean {
    return this.#isUsable;
  }

  run(attempt: IsolatedAttempt): void {
    this.#cancelIdleTimer();
    const run = ++this.#lastNumber;
    this.#runs.set(run, attempt);
    attempt.begin(this);
    const { grant, sinceGrantMs } = attempt;
    this.#send({ kind: "run", run, grant, sinceGrantMs });
    // The process itself ends the attempt at its limit, unless it is unresponsive.
    const cancelTimer = this.#options.clock.after(grant.timeoutMs - sinceGrantMs + ABORT_GRACE_MS + OVERTIME_MS, () =>
      this.#onOvertime(run),
    );
    void attempt.ended.finally(cancelTimer);
  }

  abort(attempt: IsolatedAttempt, code: AbortCode): void {
    const run = this.#runOf(attempt);
    if (run !== undefined) this.#send({ kind: "abort", run, code });
  }

  requestHandBack(attempt: IsolatedAttempt): void {
    const run = this.#runOf(attempt);
    if (run !== undefined) this.#send({ kind: "hand-back", run });
  }

  async flush(attempt: IsolatedAttempt): Promise<void> {
    const run = this.#runOf(attempt);
    if (run === undefined) return;
    const call = ++this.#lastNumber;
    await new Promise<void>((resolve) => {
      this.#flushes.set(call, resolve);
      this.#send({ kind: "flush", run, call });
    });
    this.#flushes.delete(call);
  }

  /** Kills the process and everything that it runs. */
  async end(): Promise<void> {
    this.#isUsable = false;
    this.#process.kill("SIGKILL");
    await this.#exited.promise;
  }

  #onMessage(message: FromChild): void {
    this.#silentMs = 0;
    switch (message.kind) {
      case "ready":
        this.#isReady = true;
        break;
      case "alive":
        break;
      case "record":
        void this.#record(message);
        break;
      case "progress":
        this.#runs.get(message.run)?.onProgress(message.message);
        break;
      case "flushed":
        this.#flushes.get(message.call)?.();
        break;
      case "end":
        this.#onEnd(message.run, message.end);
        break;
      case "log":
        this.#options.log[message.level](message.fields, message.message);
    }
  }

  async #record({ run, call, message }: FromChild & { kind: "record" }): Promise<void> {
    const attempt = this.#runs.get(run);
    const reply = attempt === undefined ? { result: "drop" as const } : await attempt.link.record(message);
    this.#send({ kind: "recorded", call, reply });
  }

  #onEnd(run: number, end: (FromChild & { kind: "end" })["end"]): void {
    const attempt = this.#runs.get(run);
    this.#runs.delete(run);
    attempt?.end(end);
    if (this.#runs.size > 0) return;
    if (!this.#isUsable) this.#process.kill("SIGKILL");
    this.#cancelIdleTimer = this.#options.clock.after(MAX_IDLE_MS, () => void this.end());
  }

  /** Handles an attempt that its own process could not end at its limit. */
  #onOvertime(run: number): void {
    this.#isUsable = false;
    // A shared process is not killed, to protect its other attempts; the reaper ends this one.
    if (this.#runs.has(run) && this.#runs.size === 1) this.#process.kill("SIGKILL");
  }

  /** Counts silence in timer ticks: a late tick means that this process was paused, not the child. */
  #tick(): void {
    this.#cancelTick = this.#options.clock.after(ALIVE_INTERVAL_MS, () => {
      this.#silentMs += ALIVE_INTERVAL_MS;
      const limitMs = this.#isReady ? this.#options.silentMs : MAX_START_MS;
      if (this.#silentMs > limitMs) {
        this.#options.log.warn(
          { pid: this.#process.pid, limitMs },
          "isolated worker process is unresponsive; killing it",
        );
        this.#process.kill("SIGKILL");
        return;
      }
      this.#tick();
    });
  }

  #send(message: ToChild): void {
    if (!this.#process.connected) return;
    this.#process.send(message, (error) => {
      // The process has exited or is exiting; the exit event handles that.
      if (error !== null) this.#options.log.debug({ error }, "failed to send to an isolated worker process");
    });
  }

  #runOf(attempt: IsolatedAttempt): number | undefined {
    for (const [run, each] of this.#runs) if (each === attempt) return run;
    return undefined;
  }

  #handleExit(how: object): void {
    this.#isUsable = false;
    this.#cancelTick();
    this.#cancelIdleTimer();
    const lost = [...this.#runs.values()];
    const operations = lost.map(({ operation }) => operation);
    if (lost.length > 0) this.#options.log.warn({ ...how, operations }, "isolated worker process died");
    this.#runs.clear();
    for (const resolve of this.#flushes.values()) resolve();
    this.#onExit(lost);
    this.#exited.resolve();
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
