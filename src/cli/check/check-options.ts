import { parseArgs } from "node:util";
import { parseHeaders, parseTimeout, UsageError } from "../follow/options.ts";
import type { CreateRequest } from "./check-context.ts";

/** Options of the command `afoot check`. */
export interface CheckOptions {
  /** URL of the collection. Without `create`, URL of a resource. */
  readonly url: string;
  readonly create: CreateRequest | undefined;
  readonly headers: Headers;
  /** Maximum time until a resource settles. */
  readonly timeoutMs: number;
  /** Keeps the created resources. */
  readonly keep: boolean;
  readonly json: boolean;
}

const DEFAULT_TIMEOUT_MS = 120_000;

/** Parses the command line. @throws UsageError */
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
    url: requireUrl(positionals),
    create: create === undefined ? undefined : { body: parseBody(create) },
    headers: parseHeaders(header),
    timeoutMs: parseTimeout(timeout) ?? DEFAULT_TIMEOUT_MS,
    keep,
    json,
  };
}

function requireUrl([given, ...others]: readonly string[]): string {
  const url = given === undefined ? null : URL.parse(given);
  if (url !== null && others.length === 0 && /^https?:$/.test(url.protocol)) return url.href;
  throw new UsageError("pass one URL: a collection together with --create, or a resource");
}

function parseBody(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new UsageError(`--create: invalid JSON: ${reason}. Pass the request body that creates a resource`, cause);
  }
}
