// The program of an isolated process: imports the app and runs the attempts that its worker sends.
import { Worker } from "node:worker_threads";
import type { ResourceType } from "../../core/definition/resource-type.ts";
import { isJsonObject } from "../../core/json/json.ts";
import type { Log } from "../../core/ports/log.ts";
import { systemClock } from "../../core/scheduling/clock.ts";
import { createTelemetry } from "../../telemetry/telemetry.ts";
import { attributeFault } from "../attempt/scope.ts";
import { catchUncaughtErrors } from "../attempt/uncaught-errors.ts";
import { createAttemptHost } from "./attempt-host.ts";
import { ALIVE_INTERVAL_MS, type FromChild, type ToChild } from "./channel.ts";

const module = process.argv[2] ?? "";

const send = (message: FromChild): void => {
  process.send?.(message);
};

const logAs = (level: keyof Log) => (fields: object, message: string) =>
  send({ kind: "log", level, fields: plain(fields), message });
const log: Log = { debug: logAs("debug"), info: logAs("info"), warn: logAs("warn"), error: logAs("error") };

// The process exits with its worker. A thread ensures that even during an endless synchronous loop.
process.on("disconnect", () => process.exit(0));
const ending = import.meta.url.endsWith(".ts") ? "ts" : "js";
new Worker(new URL(`./orphan-thread.${ending}`, import.meta.url)).unref();

const onUncaughtError = (error: unknown, promise?: Promise<unknown>): void => {
  if (attributeFault(error, promise)) return;
  log.error({ error }, "uncaught error outside of work; exiting the isolated worker process");
  process.exit(1);
};
catchUncaughtErrors();
process.on("unhandledRejection", onUncaughtError);
process.on("uncaughtException", (error) => onUncaughtError(error));

const host = createAttemptHost({
  types: await typesOf(module),
  clock: systemClock,
  log,
  telemetry: createTelemetry(),
  send,
});
process.on("message", (message: ToChild) => host.onMessage(message));
const sendAlive = (): void => {
  systemClock.after(ALIVE_INTERVAL_MS, () => {
    send({ kind: "alive" });
    sendAlive();
  });
};
sendAlive();
send({ kind: "ready" });

async function typesOf(url: string): Promise<readonly ResourceType[]> {
  const imported: unknown = await import(url);
  const app = isJsonObject(imported) ? imported["default"] : undefined;
  if (hasTypes(app)) return app.types;
  throw new TypeError(
    `${url}: its default export is not an app. End the file with: export default createApp({ resources: [...] })`,
  );
}

function hasTypes(app: unknown): app is { readonly types: readonly ResourceType[] } {
  return isJsonObject(app) && Array.isArray(app["types"]);
}

/** Converts log fields for the channel: errors become plain objects. */
function plain(fields: object): object {
  return Object.fromEntries(
    Object.entries(fields).map(([name, value]) => [name, value instanceof Error ? plainError(value) : value]),
  );
}

function plainError({ name, message, stack, cause }: Error): object {
  return { type: name, message, stack, ...(cause instanceof Error ? { cause: plainError(cause) } : {}) };
}
