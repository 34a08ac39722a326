import { createRequire } from "node:module";
import type { Logger, pino } from "pino";
import { DefinitionError } from "../core/errors.ts";
import type { Log } from "../core/ports/log.ts";

/** A log with the level `fatal`, for errors that end the process. */
export interface ProcessLog extends Log {
  fatal(fields: object, message: string): void;
}

const LEVELS = ["trace", "debug", "info", "warn", "error", "fatal", "silent"] as const;
type Level = (typeof LEVELS)[number];

/**
 * Creates the log of a process: JSON lines on standard error, written by pino. Pino is loaded with the first line, because most
 * starts log nothing.
 */
export function createProcessLog(text: string): ProcessLog {
  const level = LEVELS.find((each) => each === text);
  if (level === undefined) {
    throw new DefinitionError(`AFOOT_LOG_LEVEL: ${JSON.stringify(text)} is not a log level; use ${LEVELS.join(", ")}`);
  }
  let logger: Logger | undefined;
  const logAt = (name: Exclude<Level, "trace" | "silent">): ProcessLog["fatal"] =>
    LEVELS.indexOf(name) < LEVELS.indexOf(level)
      ? () => {}
      : (fields, message) => {
          logger ??= createPino(level);
          logger[name](fields, message);
        };
  return {
    debug: logAt("debug"),
    info: logAt("info"),
    warn: logAt("warn"),
    error: logAt("error"),
    fatal: logAt("fatal"),
  };
}

function createPino(level: Level): Logger {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the package declares this type itself
  const loaded = createRequire(import.meta.url)("#packages/pino") as { pino: typeof pino };
  return loaded.pino({ level, serializers: { error: loaded.pino.stdSerializers.err } }, loaded.pino.destination(2));
}
