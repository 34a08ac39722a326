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
