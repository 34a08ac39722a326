import { isAfootError } from "../errors.ts";

/**
 * A structured logger with the interface of pino: fields first, then the message. It never receives a secret, a body or
 * a header.
 */
export interface Log {
  debug(fields: object, message: string): void;
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
}

const ignore = (): void => {};

/** A logger that discards everything. */
export const silentLog: Log = { debug: ignore, info: ignore, warn: ignore, error: ignore };

/** Adapts a logger of pino, which shows the properties of an error only in the field `err`. */
export function fromPino(logger: Log): Log {
  const logAt =
    (level: keyof Log) =>
    ({ error, ...fields }: { readonly error?: unknown }, message: string): void => {
      logger[level](error === undefined ? fields : { ...fields, err: error }, message);
    };
  return { debug: logAt("debug"), info: logAt("info"), warn: logAt("warn"), error: logAt("error") };
}

/**
 * Logs a failed background write that is repeated. A full disk is not logged by each write: the app logs when it begins
 * and when it ends.
 */
export function warnOfWrite(
  log: Log,
  fields: { readonly error: unknown; readonly [name: string]: unknown },
  message: string,
): void {
  const isFull = isAfootError(fields.error) && fields.error.code === "store-full";
  log[isFull ? "debug" : "warn"](fields, message);
}

/** Maximum number of different warnings that are remembered for one log. */
const MAX_KEYS = 1000;

const logged = new WeakMap<Log, Set<string>>();

/**
 * Logs a warning unless one with the same key was logged before, for problems that every request or attempt would
 * repeat.
 */
export function warnOnce(log: Log, key: string, fields: object, message: string): void {
  const keys = logged.get(log) ?? new Set();
  logged.set(log, keys);
  if (keys.has(key) || keys.size >= MAX_KEYS) return;
  keys.add(key);
  log.warn(fields, message);
}
