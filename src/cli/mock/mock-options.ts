import { parseArgs } from "node:util";
import { DefinitionError } from "../../core/errors.ts";
import { parsePort } from "../start/start-options.ts";

export interface MockOptions {
  readonly file: string;
  readonly port: number;
  readonly host: string;
  /** Minimum time in each state except the last. */
  readonly stateMs: number;
}

const DEFAULT_STATE_MS = 3000;

/** Reads flags and environment variables. A flag overrides its variable. @throws DefinitionError */
export function mockOptions(
  argv: readonly string[],
  environment: Readonly<Record<string, string | undefined>>,
): MockOptions {
  const { values, positionals } = parseArgs({
    args: [...argv],
    allowPositionals: true,
    options: { port: { type: "string" }, host: { type: "string" }, pace: { type: "string" } },
  });
  const [file, ...others] = positionals;
  if (file === undefined || others.length > 0) {
    throw new DefinitionError(`pass one OpenAPI document, such as: afoot mock openapi.yaml`);
  }
  return {
    file,
    port: parsePort(values.port ?? environment["PORT"] ?? "8080"),
    host: values.host ?? environment["HOST"] ?? "127.0.0.1",
    stateMs: parsePace(values.pace),
  };
}

const UNIT_MS: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000 };

/** Plain numbers from here on are milliseconds. Smaller ones are a factor. */
const MIN_MILLISECONDS = 10;

function parsePace(pace: string | undefined): number {
  if (pace === undefined) return DEFAULT_STATE_MS;
  const [, digits, unit] = /^(\d+(?:\.\d+)?|\.\d+)(ms|s|m)?$/.exec(pace) ?? [];
  if (digits === undefined) {
    throw new DefinitionError(
      `--pace: ${JSON.stringify(pace)} is invalid; use a duration per state, such as 500ms or 2s, or a factor, such as 0.1 for ten times as fast`,
    );
  }
  const number = Number(digits);
  if (unit !== undefined) return number * (UNIT_MS[unit] ?? 1);
  return number >= MIN_MILLISECONDS ? number : number * DEFAULT_STATE_MS;
}
