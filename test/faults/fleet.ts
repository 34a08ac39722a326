import { type AfootProcess, type AfootProcessOptions, startAfoot } from "../support/afoot-process.ts";

/** A harm that was done to a process. */
export interface Harm {
  /** The name under which it is counted: `server killed`. */
  readonly harm: string;
  /** The full description: `server 2 paused for 1200 ms`. */
  readonly description: string;
}

/** The servers and workers of a run, and the means to harm them. */
export interface Fleet extends AsyncDisposable {
  /** Returns the origin of a running server; undefined if there is none. */
  readonly origin: () => string | undefined;
  /** Harms a random process, and restores it. */
  readonly disturb: () => Promise<Harm>;
  /** Stops all processes. Returns those that did not exit cleanly. */
  readonly stop: () => Promise<readonly string[]>;
}

/** A process that is restarted after each kill. */
export class Member {
  readonly name: string;
  readonly #options: AfootProcessOptions;
  #process: AfootProcess | undefined;

  constructor(name: string, options: AfootProcessOptions) {
    this.name = name;
    this.#options = options;
  }

  get origin(): string | undefined {
    return this.#process?.origin;
  }

  async start(): Promise<void> {
    this.#process = await startAfoot(this.#options);
  }

  async kill(): Promise<void> {
    const killed = this.#process;
    this.#process = undefined;
    await killed?.kill();
  }

  /** Pauses the process with SIGSTOP: it keeps its claims and is silent. Returns a function that resumes it. */
  freeze(): () => void {
    const frozen = this.#process;
    this.#process = undefined;
    frozen?.signal("SIGSTOP");
    return () => {
      frozen?.signal("SIGCONT");
      this.#process = frozen;
    };
  }

  async stop(): Promise<readonly string[]> {
    const code = await this.#process?.stop();
    const log = this.#process?.log() ?? "";
    this.#process = undefined;
    return code === 0 ? [] : [`${this.name} ended with ${code} instead of 0: ${log.slice(-2000)}`];
  }
}

/** Starts a single process with server and worker, on SQLite. */
export async function singleFleet(options: AfootProcessOptions): Promise<Fleet> {
  const member = new Member("the process", options);
  await member.start();
  return {
    origin: () => member.origin,
    async disturb() {
      await member.kill();
      await member.start();
      return { harm: "process killed", description: "the process killed" };
    },
    stop: () => member.stop(),
    [Symbol.asyncDispose]: () => member.kill(),
  };
}
