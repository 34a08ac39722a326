import { parseArgs } from "node:util";
import { azure, byStatus, embeddedStatus, google, type Reader } from "../../client/index.ts";
import { AfootError } from "../../core/errors.ts";

export const FOLLOW_USAGE = `Usage: afoot follow URL [--json] [--timeout SECONDS] [--header "Name: value"]...
                       [--preset azure|google]
                       [--succeeded LABELS [--failed LABELS] [--cancelled LABELS]]

Follows a resource until nothing is in progress any more. It goes on whether followed or not: Ctrl-C ends the following alone.

  --json       print every representation on a line of its own
  --timeout    how long to follow in all; without it, as long as it takes
  --header     send this with every request, such as "Authorization: Bearer ..."
  --preset     read the resource as Azure or Google write theirs
  --succeeded, --failed, --cancelled
               the values of "status" that are final, joined by commas, for an API that says it by them alone

Exit code: 0 succeeded, 1 failed, 2 cancelled, 3 gone or unreachable, 64 wrong usage, 124 timed out, 130 Ctrl-C.
`;

export interface FollowCommand {
  readonly url: string;
  readonly json: boolean;
  readonly timeoutMs: number | undefined;
  readonly headers: Headers;
  readonly read: Reader;
  /** The flags that it takes to read the same resource again; headers may be secrets and are left out. */
  readonly again: readonly string[];
}

/** A mistake on the command line. */
export class UsageError extends AfootError {
  override readonly name = "UsageError";

  constructor(message: string, cause?: unknown) {
    super("usage", message, { cause });
  }
}

/** Reads the command line; undefined where help is asked for. @throws UsageError */
export function followOptions(argv: readonly string[]): FollowCommand | undefined {
  const { values, positionals } = parsed(argv);
  if (values.help) return undefined;
  const { json, timeout, header, preset, succeeded, failed, cancelled } = values;
  const finals = { succeeded: labels(succeeded), failed: labels(failed), cancelled: labels(cancelled) };
  const again = Object.entries({ preset, succeeded, failed, cancelled }).flatMap(([name, value]) =>
    value === undefined ? [] : [`--${name}`, value],
  );
  return {
    url: urlOf(positionals),
    json,
    timeoutMs: timeoutOf(timeout),
    headers: headersOf(header),
    read: readerOf(preset, finals),
    again,
  };
}

function parsed(argv: readonly string[]) {
  try {
    return parseArgs({
      args: [...argv],
      allowPositionals: true,
      options: {
        help: { type: "boolean", short: "h", default: false },
        json: { type: "boolean", default: false },
        timeout: { type: "string" },
        header: { type: "string", multiple: true, default: [] },
        preset: { type: "string" },
        succeeded: { type: "string" },
        failed: { type: "string" },
        cancelled: { type: "string" },
      },
    });
  } catch (cause) {
    throw new UsageError(cause instanceof Error ? cause.message : String(cause), cause);
  }
}

function urlOf(positionals: readonly string[]): string {
  const [given, ...more] = positionals;
  if (given === undefined) throw new UsageError("which resource? Give its URL");
  if (more.length > 0) throw new UsageError(`one URL at a time, not ${positionals.length}: ${positionals.join(" ")}`);
  const url = URL.parse(given);
  if (url === null || !/^https?:$/.test(url.protocol)) {
    throw new UsageError(`${JSON.stringify(given)} is no URL; begin with http:// or https://`);
  }
  if (url.username !== "" || url.password !== "") {
    throw new UsageError('the URL holds a name or password; send them by --header "Authorization: ..."');
  }
  return url.href;
}

export function timeoutOf(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const seconds = Number(text);
  if (Number.isFinite(seconds) && seconds > 0) return seconds * 1000;
  throw new UsageError(`--timeout: ${JSON.stringify(text)} is not a number of seconds above zero`);
}

export function headersOf(lines: readonly string[]): Headers {
  const headers = new Headers();
  for (const line of lines) {
    const colon = line.indexOf(":");
    try {
      if (colon < 1) throw new TypeError("there is no colon after a name");
      headers.append(line.slice(0, colon).trim(), line.slice(colon + 1).trim());
    } catch (cause) {
      // The line itself may be a secret.
      throw new UsageError('--header: write it as "Name: value", in one line and in Latin letters', cause);
    }
  }
  return headers;
}

const PRESETS: ReadonlyMap<string, Reader> = new Map([
  ["azure", azure],
  ["google", google],
]);

interface Finals {
  readonly succeeded: readonly string[];
  readonly failed: readonly string[];
  readonly cancelled: readonly string[];
}

function readerOf(preset: string | undefined, finals: Finals): Reader {
  const named = finals.succeeded.length + finals.failed.length + finals.cancelled.length > 0;
  if (named && preset !== undefined) throw new UsageError("give either --preset or the final labels, not both");
  if (named && finals.succeeded.length === 0) throw new UsageError("--succeeded: say which labels mean success");
  if (named) return byStatus(finals);
  if (preset === undefined) return embeddedStatus;
  const reader = PRESETS.get(preset);
  if (reader !== undefined) return reader;
  throw new UsageError(`--preset: there is no ${JSON.stringify(preset)}; use ${[...PRESETS.keys()].join(" or ")}`);
}

function labels(text: string | undefined): readonly string[] {
  return (text ?? "")
    .split(",")
    .map((label) => label.trim())
    .filter((label) => label !== "");
}
