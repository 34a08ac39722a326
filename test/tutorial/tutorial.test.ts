import assert from "node:assert/strict";
import { chmod, copyFile, mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { delimiter, join, resolve } from "node:path";
import { it } from "node:test";
import { isShown } from "../operations/console-blocks.ts";
import { environment as inherited, lockedVersion, packPackage } from "../package/consumer.ts";
import { temporaryFolder } from "../support/afoot-process.ts";
import { eventually } from "../support/eventually.ts";
import { freePort } from "../support/free-port.ts";
import { type Action, actionsOf } from "./page.ts";
import { Foreground, Terminal } from "./terminal.ts";

const PAGE = resolve(import.meta.dirname, "../../docs/start/tutorial.md");
const SHOWN_ORIGIN = "127.0.0.1:8080";

it(
  "docs/start/tutorial.md leads from an empty folder to a deployed app, and shows what a reader sees",
  { timeout: 290_000 },
  async () => {
    await using reader = await Reader.create();
    for (const action of await actionsOf(PAGE)) await reader.follow(action);
    assert.ok(reader.followed > 35, `${reader.followed} actions`);
  },
);

/** Follows a page literally: writes its files, runs its commands in two terminals, and compares what it sees. */
class Reader implements AsyncDisposable {
  followed = 0;
  readonly #stack: AsyncDisposableStack;
  readonly #folder: string;
  readonly #environment: NodeJS.ProcessEnv;
  readonly #terminal: Terminal;
  #server: Foreground | undefined;
  /** Ids on the page, each with the one of this run. */
  readonly #ids = new Map<string, string>();

  private constructor(stack: AsyncDisposableStack, folder: string, environment: NodeJS.ProcessEnv) {
    this.#stack = stack;
    this.#folder = folder;
    this.#environment = environment;
    this.#terminal = stack.use(new Terminal(folder, environment));
  }

  static async create(): Promise<Reader> {
    const stack = new AsyncDisposableStack();
    const { path } = stack.use(await temporaryFolder());
    for (const name of ["sites", "bin", "image"]) await mkdir(join(path, name));
    const tarball = packPackage(path);
    // `npm ci` of the image finds the package beside the app, as `npm install` does.
    await copyFile(join(path, tarball), join(path, "image", tarball));
    const port = `${await freePort()}`;
    const environment = {
      ...inherited,
      PATH: [join(path, "bin"), inherited["PATH"]].join(delimiter),
      PORT: port,
      CURL_HOME: path,
      npm_config_prefer_offline: "true",
      npm_config_audit: "false",
      npm_config_fund: "false",
      npm_config_update_notifier: "false",
      FORCE_COLOR: "0",
    };
    // In a terminal curl shows no meter beside the output.
    await writeFile(join(path, ".curlrc"), "silent\n");
    const docker = `exec "${process.execPath}" "${join(import.meta.dirname, "docker.ts")}" "${join(path, "image")}" "$@"`;
    await writeProgram(path, "docker", docker);
    stack.defer(() => killContainer(path));
    return new Reader(stack, join(path, "sites"), environment);
  }

  async follow(action: Action): Promise<void> {
    this.followed++;
    if ("write" in action) {
      // The name of a site takes less time than on the page, which waits for three of them.
      await writeFile(join(this.#folder, action.write), action.text.replaceAll("20_000", "8_000"));
    } else if (action.command.includes("afoot start app.ts")) await this.#start(action.command, action.output);
    else await this.#run(action.command, action.output);
  }

  /** Runs a server in the first terminal, after Ctrl-C for the one before it. */
  async #start(command: string, output: readonly string[]): Promise<void> {
    await this.#server?.interrupt();
    this.#server = this.#stack.use(new Foreground(command, this.#folder, this.#environment));
    const printed = await this.#server.printed(output.at(-1) ?? "");
    assert.ok(isShown(output, this.#alike(printed)), printed);
    // Finds the processes of the first terminal alone: its group, which `kill` takes as a negative number.
    await writeProgram(join(this.#folder, ".."), "pgrep", `echo -- -${this.#server.group}`);
  }

  async #run(command: string, output: readonly string[]): Promise<void> {
    if (command.startsWith("docker build")) await this.#server?.interrupt();
    const shown = this.#alike(output.map((line) => `${line}\n`).join(""))
      .split("\n")
      .filter((line) => line !== "");
    let printed = "";
    const attempt = async (): Promise<boolean> => {
      printed = await this.#terminal.run(this.#local(command));
      return isShown(shown, this.#alike(printed));
    };
    // A command that only reads may come too early.
    const isRead = /^(?:curl(?!.* (?:-X|-d) )|cat |ls )/s.test(command);
    const isSeen = isRead ? await eventually(command, attempt).catch(() => false) : await attempt();
    assert.ok(isSeen, `$ ${command}\n${this.#alike(printed)}\ninstead of\n${shown.join("\n")}`);
    const [id, own] = [output.join("\n"), printed].map((text) => /"id":"(\w+)"/.exec(text)?.[1]);
    if (id !== undefined && own !== undefined) this.#ids.set(id, own);
  }

  /** Replaces what is of the page by what is of this run. */
  #local(command: string): string {
    let local = command.replaceAll(SHOWN_ORIGIN, `127.0.0.1:${this.#environment["PORT"]}`);
    for (const [id, own] of this.#ids) local = local.replaceAll(id, own);
    if (!command.startsWith("npm install")) return local;
    return local.replace("afoot", "../afoot-*.tgz").replace("zod", `zod@${lockedVersion("zod")}`);
  }

  /** Replaces what differs from run to run: ids, instants, tags, durations, and states that a slow reader misses. */
  #alike(text: string): string {
    return text
      .replaceAll("\r", "")
      .replaceAll(`127.0.0.1:${this.#environment["PORT"]}`, SHOWN_ORIGIN)
      .replaceAll(/\b[0-9a-z]{22}\b/g, "ID")
      .replaceAll(/^(ETag|Date|Retry-After): .*/gm, "$1")
      .replaceAll(/,"estimatedTimeRemaining":"[^"]*"/g, "")
      .replaceAll(/("status":"Cancelling".*),"progress":"\d+%"/g, "$1")
      .replaceAll(/^(?:Building|Rebuilding).*\n/gm, "")
      .replaceAll(/\(\d+\.\d+ms\)/g, "(ms)")
      .replaceAll(/\n+/g, "\n");
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#stack.disposeAsync();
  }
}

async function writeProgram(folder: string, name: string, text: string): Promise<void> {
  const path = join(folder, "bin", name);
  await writeFile(path, `#!/bin/sh\n${text}\n`);
  await chmod(path, 0o755);
}

/** Kills a container that the page did not stop, because the test failed before. */
async function killContainer(folder: string): Promise<void> {
  if (!(await readdir(join(folder, "image"))).includes("pid")) return;
  process.kill(Number(await readFile(join(folder, "image/pid"), "utf8")), "SIGKILL");
}
