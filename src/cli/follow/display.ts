import type { Retry, Snapshot } from "../../client/index.ts";
import type { Clock } from "../../core/scheduling/clock.ts";
import { barLine, endLines, jsonLine, plain, stateLine } from "./text.ts";

/** Where text goes: a stream of the process. */
export interface Output {
  write(text: string): unknown;
  readonly isTTY?: boolean;
}

/** Shows a resource while it is followed. */
export interface Display {
  readonly show: (state: Snapshot) => void;
  /** A request came to nothing and will be sent again. */
  readonly retrying: (retry: Retry) => void;
  /** Leaves the terminal as other programs expect it. */
  readonly close: () => void;
}

/** One representation on each line, and nothing else. */
export function jsonDisplay(stdout: Output): Display {
  return {
    show: ({ representation }) => void stdout.write(`${jsonLine(representation)}\n`),
    retrying: () => {},
    close: () => {},
  };
}

/** A line for each change: for files, pipes and terminals that move no cursor. */
export function lineDisplay(stdout: Output, stderr: Output): Display {
  let last = "";
  return {
    show: (state) => {
      const text = state.settled ? endLines(state).join("\n") : stateLine(state);
      if (text !== last) stdout.write(`${text}\n`);
      last = text;
    },
    retrying: (retry) => void stderr.write(`${retryText(retry)}\n`),
    close: () => {},
  };
}

const CLEAR_LINE = "\r\u001B[2K";
/** A line too long for the terminal is cut instead of going on below, where it could not be drawn over. */
const NO_WRAP = "\u001B[?7l";
const WRAP = "\u001B[?7h";
const SECOND_MS = 1000;

/** One line that is drawn over, with a bar and a clock that shows that it lives. */
export function barDisplay(stdout: Output, clock: Clock): Display {
  const startedAt = clock.monotonic();
  let state: Snapshot | undefined;
  let trouble = "";
  let stop = (): void => {};

  const draw = (): void => {
    const line = state === undefined ? "" : barLine(state, clock.monotonic() - startedAt);
    stdout.write(CLEAR_LINE + NO_WRAP + [line, trouble].filter((part) => part !== "").join("  ") + WRAP);
  };
  const tick = (): void => {
    draw();
    stop = clock.after(SECOND_MS, tick);
  };
  const close = (): void => {
    stop();
    stdout.write(CLEAR_LINE);
  };
  stop = clock.after(SECOND_MS, tick);

  return {
    show: (next) => {
      state = next;
      trouble = "";
      if (!next.settled) {
        draw();
        return;
      }
      close();
      stdout.write(`${endLines(next).join("\n")}\n`);
    },
    retrying: (retry) => {
      trouble = retryText(retry);
      draw();
    },
    close,
  };
}

/** Which resource it is, everybody knows. */
function retryText({ error, retryInMs }: Retry): string {
  const url = "url" in error ? String(error.url) : "";
  const message = error.message.replace(`GET ${url}: `, "").replace(`${url} `, "");
  return `${plain(message)}; trying again in ${Math.ceil(retryInMs / 1000)} s`;
}
