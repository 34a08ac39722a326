import { parseArgs } from "node:util";
import { DefinitionError } from "../../core/errors.ts";
import { portOf } from "../start/start-options.ts";

export interface MockOptions {
  readonly file: string;
  readonly port: number;
  readonly host: string;
  /** How long each state but the last is shown at least. */
  readonly stateMs: number;
}

const DEFAULT_STATE_MS = 3000;

/** Reads flags and environment; a flag wins over its variable. */
export function mockOptions(
  argv: readonly string[],
  environment: Readonly<Record<string, string | undefined>>,
): MockOptions {
  const { values, positionals } = parseArgs({
    args: [...argv],
    allowPositionals: true,
    options: { port: { type: "string" }, host: { type: "string" }, pace: { type: "string" } },
  });
  const [file, ...further] = positionals;
  if (file === undefined || further.length > 0) {
    throw new DefinitionError(`give one OpenAPI document, such as: afoot mock openapi.yaml`);
  }
  return {
    file,
    port: portOf(values.port ?? environment["PORT"] ?? "8080"),
    host: values.host ?? environment["HOST"] ?? "127.0.0.1",
    stateMs: paceOf(values.pace),
  };
}

const UNITS: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000 };

/** From here on a plain number counts milliseconds; below, it is a factor. */
const LEAST_MS = 10;

function paceOf(pace: string | undefined): number {
  if (pace === undefined) return DEFAULT_STATE_MS;
  const [, digits, unit] = /^(\d+(?:\.\d+)?|\.\d+)(ms|s|m)?$/.exec(pace) ?? [];
  if (digits === undefined) {
    throw new DefinitionError(
      `--pace: ${JSON.stringify(pace)} is no duration of a state, such as 500ms or 2s, and no factor, such as 0.1 for ten times as fast`,
    );
  }
  const number = Number(digits);
  if (unit !== undefined) return number * (UNITS[unit] ?? 1);
  return number >= LEAST_MS ? number : number * DEFAULT_STATE_MS;
}
