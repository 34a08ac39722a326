import { parseArgs } from "node:util";
import { headersOf, timeoutOf, UsageError } from "../follow/options.ts";
import type { Creation } from "./check-context.ts";

export interface CheckOptions {
  /** The collection, or, without `create`, a resource. */
  readonly url: string;
  readonly create: Creation | undefined;
  readonly headers: Headers;
  /** How long what is followed may take. */
  readonly timeoutMs: number;
  /** Leaves what was created. */
  readonly keep: boolean;
  readonly json: boolean;
}

const DEFAULT_TIMEOUT_MS = 120_000;

/** @throws UsageError */
export function checkOptions(argv: readonly string[]): CheckOptions {
  const { values, positionals } = parseArgs({
    args: [...argv],
    allowPositionals: true,
    options: {
      create: { type: "string" },
      header: { type: "string", multiple: true, default: [] },
      timeout: { type: "string" },
      keep: { type: "boolean", default: false },
      json: { type: "boolean", default: false },
    },
  });
  const { create, header, timeout, keep, json } = values;
  return {
    url: urlOf(positionals),
    create: create === undefined ? undefined : { body: bodyOf(create) },
    headers: headersOf(header),
    timeoutMs: timeoutOf(timeout) ?? DEFAULT_TIMEOUT_MS,
    keep,
    json,
  };
}

function urlOf([given, ...more]: readonly string[]): string {
  const url = given === undefined ? null : URL.parse(given);
  if (url !== null && more.length === 0 && /^https?:$/.test(url.protocol)) return url.href;
  throw new UsageError("give one URL: of a collection together with --create, or of a resource");
}

function bodyOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new UsageError(`--create: give the JSON that creates a resource; this is none: ${why}`, cause);
  }
}
