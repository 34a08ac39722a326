import { createRequire } from "node:module";
import type { Logger, pino } from "pino";
import { DefinitionError } from "../core/errors.ts";
import type { Log } from "../core/ports/log.ts";

/** The log of a process. */
export interface ProcessLog extends Log {
  fatal(fields: object, message: string): void;
}

const LEVELS = ["trace", "debug", "info", "warn", "error", "fatal", "silent"] as const;
type Level = (typeof LEVELS)[number];

/**
 * Makes the log of a process: JSON lines on standard error, by pino, which is loaded with the first line, since most starts have
 * nothing to say.
 */
export function processLog(text: string): ProcessLog {
  const level = LEVELS.find((each) => each === text);
  if (level === undefined) {
    throw new DefinitionError(`AFOOT_LOG_LEVEL: ${JSON.stringify(text)} is no level; use ${LEVELS.join(", ")}`);
  }
  let made: Logger | undefined;
  const at = (name: Exclude<Level, "trace" | "silent">): ProcessLog["fatal"] =>
    LEVELS.indexOf(name) < LEVELS.indexOf(level)
      ? () => {}
      : (fields, message) => {
          made ??= pinoAt(level);
          made[name](fields, message);
        };
  return { debug: at("debug"), info: at("info"), warn: at("warn"), error: at("error"), fatal: at("fatal") };
}

function pinoAt(level: Level): Logger {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the package says so itself
  const loaded = createRequire(import.meta.url)("pino") as { pino: typeof pino };
  return loaded.pino({ level, serializers: { error: loaded.pino.stdSerializers.err } }, loaded.pino.destination(2));
}
