import { type AfootProcess, type AfootProcessOptions, startAfoot } from "../support/afoot-process.ts";

/** What was done to a process. */
export interface Harm {
  /** By which it is counted: `server killed`. */
  readonly harm: string;
  /** In full: `server 2 paused for 1200 ms`. */
  readonly said: string;
}

/** The processes that serve and work, and ways to harm them. */
export interface Fleet extends AsyncDisposable {
  /** Where one of the servers is at the moment; undefined while there is none. */
  readonly origin: () => string | undefined;
  /** Harms one process at random, and brings it back. */
  readonly disturb: () => Promise<Harm>;
  /** Ends everything in order. Gives what did not end well. */
  readonly stop: () => Promise<readonly string[]>;
}

/** A process that is started anew whenever it was killed. */
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

  /** SIGSTOP: it holds what it holds and says nothing. Gives how to wake it up. */
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

/** One process that does everything, on SQLite. */
export async function singleFleet(options: AfootProcessOptions): Promise<Fleet> {
  const member = new Member("the process", options);
  await member.start();
  return {
    origin: () => member.origin,
    async disturb() {
      await member.kill();
      await member.start();
      return { harm: "process killed", said: "the process killed" };
    },
    stop: () => member.stop(),
    [Symbol.asyncDispose]: () => member.kill(),
  };
}
