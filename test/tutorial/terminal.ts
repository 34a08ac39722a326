import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";

/** A shell that keeps its variables from one command to the next, as that of a reader does. */
export class Terminal implements AsyncDisposable {
  readonly #shell: ChildProcess;
  #output = "";
  #count = 0;
  #onOutput = (): void => {};

  constructor(cwd: string, env: NodeJS.ProcessEnv) {
    this.#shell = spawn("bash", [], { cwd, env, stdio: ["pipe", "pipe", "ignore"] });
    this.#shell.stdout?.setEncoding("utf8").on("data", (text: string) => {
      this.#output += text;
      this.#onOutput();
    });
    this.#shell.stdin?.write("exec 2>&1\n");
  }

  /** Runs a command, and returns what it prints. */
  async run(command: string): Promise<string> {
    const end = `<end of ${++this.#count}>`;
    this.#output = "";
    this.#shell.stdin?.write(`${command}\nprintf '%s' '${end}'\n`);
    while (!this.#output.endsWith(end)) {
      await new Promise<void>((resolve) => {
        this.#onOutput = resolve;
      });
    }
    return this.#output.slice(0, -end.length);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const closed = once(this.#shell, "close");
    this.#shell.stdin?.end();
    await closed;
  }
}

/** A program in the foreground of a terminal of its own, which ends with Ctrl-C. */
export class Foreground implements AsyncDisposable {
  readonly #child: ChildProcess;
  readonly #closed: Promise<unknown>;
  #output = "";

  constructor(command: string, cwd: string, env: NodeJS.ProcessEnv) {
    // A process group of its own, as in a terminal.
    this.#child = spawn("bash", ["-c", `${command} 2>&1`], {
      cwd,
      env,
      stdio: ["ignore", "pipe", "inherit"],
      detached: true,
    });
    this.#closed = once(this.#child, "close");
  }

  get group(): number {
    return this.#child.pid ?? 0;
  }

  /** Resolves to the output once it has the line. */
  async printed(line: string): Promise<string> {
    const { stdout } = this.#child;
    if (stdout === null) throw new Error("the program has no output");
    stdout.setEncoding("utf8");
    await new Promise<void>((resolve, reject) => {
      stdout.on("data", (text: string) => {
        this.#output += text;
        if (this.#output.split("\n").includes(line)) resolve();
      });
      stdout.once("end", () => reject(new Error(`the program ended without the line ${line}:\n${this.#output}`)));
    });
    return this.#output;
  }

  async interrupt(signal: NodeJS.Signals = "SIGINT"): Promise<void> {
    if (this.#child.exitCode === null && this.#child.signalCode === null) process.kill(-this.group, signal);
    await this.#closed;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.interrupt("SIGKILL").catch(() => {});
  }
}
