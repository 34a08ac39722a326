import type { Retry, Snapshot } from "../../client/index.ts";
import type { Clock } from "../../core/scheduling/clock.ts";
import { printable } from "../printable.ts";
import { barLine, endLines, jsonLine, stateLine } from "./text.ts";

/** An output stream of the process. */
export interface Output {
  write(text: string): unknown;
  readonly isTTY?: boolean;
}

/** Shows the state of a followed resource. */
export interface Display {
  readonly show: (state: Snapshot) => void;
  /** Shows that a request failed and will be retried. */
  readonly retrying: (retry: Retry) => void;
  /** Stops drawing and restores the terminal. */
  readonly close: () => void;
}

/** Prints each representation on one line, as JSON. */
export function jsonDisplay(stdout: Output): Display {
  return {
    show: ({ representation }) => void stdout.write(`${jsonLine(representation)}\n`),
    retrying: () => {},
    close: () => {},
  };
}

/** Prints one line for each change, for files, pipes and terminals without cursor control. */
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
/** Disables line wrap, because a wrapped line could not be overwritten by the next redraw. */
const NO_WRAP = "\u001B[?7l";
const WRAP = "\u001B[?7h";
const DRAW_INTERVAL_MS = 1000;

/** Redraws one line with a progress bar and a running clock. */
export function barDisplay(stdout: Output, clock: Clock): Display {
  const startedAt = clock.monotonic();
  let state: Snapshot | undefined;
  let retryNotice = "";
  let stop = (): void => {};

  const draw = (): void => {
    const line = state === undefined ? "" : barLine(state, clock.monotonic() - startedAt);
    stdout.write(CLEAR_LINE + NO_WRAP + [line, retryNotice].filter((part) => part !== "").join("  ") + WRAP);
  };
  const tick = (): void => {
    draw();
    stop = clock.after(DRAW_INTERVAL_MS, tick);
  };
  const close = (): void => {
    stop();
    stdout.write(CLEAR_LINE);
  };
  stop = clock.after(DRAW_INTERVAL_MS, tick);

  return {
    show: (next) => {
      state = next;
      retryNotice = "";
      if (!next.settled) {
        draw();
        return;
      }
      close();
      stdout.write(`${endLines(next).join("\n")}\n`);
    },
    retrying: (retry) => {
      retryNotice = retryText(retry);
      draw();
    },
    close,
  };
}

/** Formats a retry without the URL, which the user has just typed. */
function retryText({ error, retryInMs }: Retry): string {
  const url = "url" in error ? String(error.url) : "";
  const message = error.message.replace(`GET ${url}: `, "").replace(`${url} `, "");
  return `${printable(message)}; retrying in ${Math.ceil(retryInMs / 1000)} s`;
}
