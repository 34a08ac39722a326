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
import { printable } from "../printable.ts";
import { fetchUntrusted } from "../untrusted-server.ts";
import { barDisplay, type Display, jsonDisplay, lineDisplay, type Output } from "./display.ts";
import { FOLLOW_USAGE, type FollowCommand, followOptions, UsageError } from "./options.ts";

/** The parts of `process` that the command uses. */
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
/** Same as timeout(1). */
const TIMED_OUT = 124;
const INTERRUPTED = 130;

/** Limits the retries of a wrong URL. After its first response, a server is retried without limit. */
const FIRST_RESPONSE_TIMEOUT_MS = 15_000;

/** Abort reason for Ctrl-C. */
const interrupt = new Error("interrupted");

/** Implements `afoot follow`: follows a resource until it settles and shows its progress. Resolves to the exit code. */
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
  const abortController = new AbortController();
  const onInterrupt = (): void => {
    abortController.abort(interrupt);
  };
  host.once("SIGINT", onInterrupt);
  const display = displayOf(command, host, transport);
  try {
    return exitCodeOf(await followToEnd(command, display, abortController, transport));
  } catch (error) {
    display.close();
    return reportError(error, command, host);
  } finally {
    host.off("SIGINT", onInterrupt);
  }
}

async function followToEnd(
  { url, headers, read, timeoutMs }: FollowCommand,
  display: Display,
  abortController: AbortController,
  transport: Pick<TransportOptions, "clock" | "fetch">,
): Promise<Snapshot> {
  const { clock = systemClock } = transport;
  let lastError: unknown = "no response";
  const onFirstResponseTimeout = (): void => {
    abortController.abort(new UnreachableError(url, lastError));
  };
  const cancelTimeout =
    timeoutMs === undefined ? clock.after(FIRST_RESPONSE_TIMEOUT_MS, onFirstResponseTimeout) : (): void => {};
  const onRetry = (retry: Retry): void => {
    lastError = retry.error;
    display.retrying(retry);
  };
  const timeLimit = timeoutMs === undefined ? {} : { timeoutMs };
  try {
    for await (const state of followResource(url, {
      fetch: fetchUntrusted,
      ...transport,
      ...timeLimit,
      headers,
      read,
      onRetry,
      signal: abortController.signal,
    })) {
      cancelTimeout();
      display.show(state);
      if (state.settled) return state;
    }
  } finally {
    cancelTimeout();
  }
  throw new TypeError("the last state must be settled");
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

/** Prints an error of following. Rethrows any other error. */
function reportError(error: unknown, command: FollowCommand, { stderr }: FollowHost): number {
  const resumeHint = `The resource continues. Follow it again with:\n  ${["afoot", "follow", command.url, ...command.readerFlags].map(shellQuoted).join(" ")}\n`;
  if (error === interrupt) {
    stderr.write(resumeHint);
    return INTERRUPTED;
  }
  if (!isAfootError(error)) throw error;
  stderr.write(`afoot follow: ${printable(error.message)}\n`);
  if (!(error instanceof TimeLimitError)) return UNREACHABLE;
  stderr.write(resumeHint);
  return TIMED_OUT;
}

/** Quotes a word for the shell. */
function shellQuoted(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", String.raw`'\''`)}'`;
}
