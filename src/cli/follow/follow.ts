import {
  follow as followResource,
  type Retry,
  type Snapshot,
  TimeLimitError,
  type TransportOptions,
  UnreachableError,
} from "../../client/index.ts";
import { isAfootError } from "../../core/errors.ts";
import { systemClock } from "../../core/scheduling/clock.ts";
import { barDisplay, type Display, jsonDisplay, lineDisplay, type Output } from "./display.ts";
import { FOLLOW_USAGE, type FollowCommand, followOptions, UsageError } from "./options.ts";
import { plain } from "./text.ts";

/** As much of `process` as following needs. */
export interface FollowHost {
  readonly stdout: Output;
  readonly stderr: Output;
  once(event: "SIGINT", listener: () => void): unknown;
  off(event: "SIGINT", listener: () => void): unknown;
}

const FAILED = 1;
const CANCELLED = 2;
const UNREACHABLE = 3;
const USAGE = 64;
/** As timeout(1) has it. */
const TIMED_OUT = 124;
const INTERRUPTED = 130;

/** Without a time limit a wrong URL should not be tried for ever; a server that answered once is waited for. */
const FIRST_ANSWER_MS = 15_000;

/** What Ctrl-C ends the following with. */
const interrupt = new Error("interrupted");

/** `afoot follow`: follows a resource to its end and shows how it gets on. Resolves to the exit code. */
export async function follow(
  argv: readonly string[],
  host: FollowHost = process,
  transport: Pick<TransportOptions, "clock" | "fetch"> = {},
): Promise<number> {
  try {
    const command = followOptions(argv);
    if (command !== undefined) return await run(command, host, transport);
    host.stdout.write(FOLLOW_USAGE);
    return 0;
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    host.stderr.write(`afoot follow: ${error.message}\n\n${FOLLOW_USAGE}`);
    return USAGE;
  }
}

async function run(
  command: FollowCommand,
  host: FollowHost,
  transport: Pick<TransportOptions, "clock" | "fetch">,
): Promise<number> {
  const ending = new AbortController();
  const onInterrupt = (): void => {
    ending.abort(interrupt);
  };
  host.once("SIGINT", onInterrupt);
  const display = displayOf(command, host, transport);
  try {
    return exitCodeOf(await watch(command, display, ending, transport));
  } catch (error) {
    display.close();
    return explain(error, command, host);
  } finally {
    host.off("SIGINT", onInterrupt);
  }
}

async function watch(
  { url, headers, read, timeoutMs }: FollowCommand,
  display: Display,
  ending: AbortController,
  transport: Pick<TransportOptions, "clock" | "fetch">,
): Promise<Snapshot> {
  const { clock = systemClock } = transport;
  let trouble: unknown = "no answer";
  const giveUp = (): void => {
    ending.abort(new UnreachableError(url, trouble));
  };
  const stop = timeoutMs === undefined ? clock.after(FIRST_ANSWER_MS, giveUp) : (): void => {};
  const onRetry = (retry: Retry): void => {
    trouble = retry.error;
    display.retrying(retry);
  };
  const limit = timeoutMs === undefined ? {} : { timeoutMs };
  try {
    for await (const state of followResource(url, {
      ...transport,
      ...limit,
      headers,
      read,
      onRetry,
      signal: ending.signal,
    })) {
      stop();
      display.show(state);
      if (state.settled) return state;
    }
  } finally {
    stop();
  }
  throw new TypeError("states end with a settled one");
}

function displayOf(
  { json }: FollowCommand,
  { stdout, stderr }: FollowHost,
  { clock = systemClock }: Pick<TransportOptions, "clock">,
): Display {
  if (json) return jsonDisplay(stdout);
  return stdout.isTTY === true && process.env["TERM"] !== "dumb"
    ? barDisplay(stdout, clock)
    : lineDisplay(stdout, stderr);
}

function exitCodeOf({ succeeded, error }: Snapshot): number {
  if (succeeded) return 0;
  return error?.code === "cancelled" ? CANCELLED : FAILED;
}

/** @throws what is no error of following */
function explain(error: unknown, command: FollowCommand, { stderr }: FollowHost): number {
  const comeBack = `The resource goes on. Come back with:\n  ${["afoot", "follow", command.url, ...command.again].map(quoted).join(" ")}\n`;
  if (error === interrupt) {
    stderr.write(comeBack);
    return INTERRUPTED;
  }
  if (!isAfootError(error)) throw error;
  stderr.write(`afoot follow: ${plain(error.message)}\n`);
  if (!(error instanceof TimeLimitError)) return UNREACHABLE;
  stderr.write(comeBack);
  return TIMED_OUT;
}

/** For a shell to read as one word. */
function quoted(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", String.raw`'\''`)}'`;
}
