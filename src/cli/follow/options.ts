import { parseArgs } from "node:util";
import { azure, byStatus, embeddedStatus, google, type Reader } from "../../client/index.ts";
import { AfootError } from "../../core/errors.ts";

export const FOLLOW_USAGE = `Usage: afoot follow URL [--json] [--timeout SECONDS] [--header "Name: value"]...
                       [--preset azure|google]
                       [--succeeded LABELS [--failed LABELS] [--cancelled LABELS]]

Follows a resource until it settles. The resource does not depend on it: Ctrl-C only stops following.

  --json       print each representation as JSON on one line
  --timeout    maximum time to follow; default: no limit
  --header     header to send with every request, such as "Authorization: Bearer ..."
  --preset     read the resource in the format of Azure or Google
  --succeeded, --failed, --cancelled
               final values of "status", separated by commas, for an API that shows the outcome only there

Exit code: 0 succeeded, 1 failed, 2 cancelled, 3 gone or unreachable, 64 invalid usage, 124 timed out, 130 Ctrl-C.
`;

export interface FollowCommand {
  readonly url: string;
  readonly json: boolean;
  readonly timeoutMs: number | undefined;
  readonly headers: Headers;
  readonly read: Reader;
  /** Flags for following the same resource again. Headers are omitted, because they may contain secrets. */
  readonly readerFlags: readonly string[];
}

/** Error for an invalid command line. */
export class UsageError extends AfootError {
  override readonly name = "UsageError";

  constructor(message: string, cause?: unknown) {
    super("usage", message, { cause });
  }
}

/** Parses the command line. Returns undefined if help is requested. @throws UsageError */
export function followOptions(argv: readonly string[]): FollowCommand | undefined {
  const { values, positionals } = parseFlags(argv);
  if (values.help) return undefined;
  const { json, timeout, header, preset, succeeded, failed, cancelled } = values;
  const finals = { succeeded: splitLabels(succeeded), failed: splitLabels(failed), cancelled: splitLabels(cancelled) };
  const readerFlags = Object.entries({ preset, succeeded, failed, cancelled }).flatMap(([name, value]) =>
    value === undefined ? [] : [`--${name}`, value],
  );
  return {
    url: requireUrl(positionals),
    json,
    timeoutMs: parseTimeout(timeout),
    headers: parseHeaders(header),
    read: selectReader(preset, finals),
    readerFlags,
  };
}

function parseFlags(argv: readonly string[]) {
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

function requireUrl(positionals: readonly string[]): string {
  const [text, ...others] = positionals;
  if (text === undefined) throw new UsageError("no resource given; pass its URL");
  if (others.length > 0) throw new UsageError(`expected one URL, got ${positionals.length}: ${positionals.join(" ")}`);
  const url = URL.parse(text);
  if (url === null || !/^https?:$/.test(url.protocol)) {
    throw new UsageError(`${JSON.stringify(text)} is not a URL; it must begin with http:// or https://`);
  }
  if (url.username !== "" || url.password !== "") {
    throw new UsageError(
      'the URL must not contain a user name or password; send them with --header "Authorization: ..."',
    );
  }
  return url.href;
}

export function parseTimeout(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const seconds = Number(text);
  if (Number.isFinite(seconds) && seconds > 0) return seconds * 1000;
  throw new UsageError(`--timeout: ${JSON.stringify(text)} is invalid; it must be a number of seconds above 0`);
}

export function parseHeaders(lines: readonly string[]): Headers {
  const headers = new Headers();
  for (const line of lines) {
    const colon = line.indexOf(":");
    try {
      if (colon < 1) throw new TypeError("the header has no name");
      headers.append(line.slice(0, colon).trim(), line.slice(colon + 1).trim());
    } catch (cause) {
      // Omits the line, because it may contain a secret.
      throw new UsageError('--header: must have the form "Name: value", on one line and in Latin-1 characters', cause);
    }
  }
  return headers;
}

const PRESETS: ReadonlyMap<string, Reader> = new Map([
  ["azure", azure],
  ["google", google],
]);

interface FinalLabels {
  readonly succeeded: readonly string[];
  readonly failed: readonly string[];
  readonly cancelled: readonly string[];
}

function selectReader(preset: string | undefined, finals: FinalLabels): Reader {
  const hasLabels = finals.succeeded.length + finals.failed.length + finals.cancelled.length > 0;
  if (hasLabels && preset !== undefined) throw new UsageError("pass either --preset or the final labels, not both");
  if (hasLabels && finals.succeeded.length === 0) {
    throw new UsageError("--succeeded is missing; pass the labels that mean success");
  }
  if (hasLabels) return byStatus(finals);
  if (preset === undefined) return embeddedStatus;
  const reader = PRESETS.get(preset);
  if (reader !== undefined) return reader;
  throw new UsageError(`--preset: unknown preset ${JSON.stringify(preset)}; use ${[...PRESETS.keys()].join(" or ")}`);
}

function splitLabels(text: string | undefined): readonly string[] {
  return (text ?? "")
    .split(",")
    .map((label) => label.trim())
    .filter((label) => label !== "");
}
