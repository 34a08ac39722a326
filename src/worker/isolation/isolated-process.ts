// The program of a process of isolated work: imports the app and runs what its worker gives it.
import { Worker } from "node:worker_threads";
import type { ResourceType } from "../../core/definition/resource-type.ts";
import { isJsonObject } from "../../core/json/json.ts";
import type { Log } from "../../core/ports/log.ts";
import { systemClock } from "../../core/scheduling/clock.ts";
import { createTelemetry } from "../../telemetry/telemetry.ts";
import { attributeFault } from "../attempt/faults.ts";
import { ALIVE_MS, type FromChild, type ToChild } from "./channel.ts";
import { createHost } from "./host.ts";

const module = process.argv[2] ?? "";

const say = (message: FromChild): void => {
  process.send?.(message);
};

const logAs = (level: keyof Log) => (fields: object, message: string) =>
  say({ say: "log", level, fields: plain(fields), message });
const log: Log = { debug: logAs("debug"), info: logAs("info"), warn: logAs("warn"), error: logAs("error") };

// It lives no longer than its worker; while it turns in a loop of its own, a thread sees to that.
process.on("disconnect", () => process.exit(0));
const ending = import.meta.url.endsWith(".ts") ? "ts" : "js";
new Worker(new URL(`./orphan-thread.${ending}`, import.meta.url)).unref();

const onFault = (error: unknown): void => {
  if (attributeFault(error)) return;
  log.error({ error }, "a fault that belongs to no work; ending the process of isolated work");
  process.exit(1);
};
process.on("unhandledRejection", onFault);
process.on("uncaughtException", onFault);

const host = createHost({ types: await typesOf(module), clock: systemClock, log, telemetry: createTelemetry(), say });
process.on("message", (message: ToChild) => host.hear(message));
const beat = (): void => {
  systemClock.after(ALIVE_MS, () => {
    say({ say: "alive" });
    beat();
  });
};
beat();
say({ say: "ready" });

async function typesOf(url: string): Promise<readonly ResourceType[]> {
  const imported: unknown = await import(url);
  const app = isJsonObject(imported) ? imported["default"] : undefined;
  if (hasTypes(app)) return app.types;
  throw new TypeError(
    `${url}: its default export is not an app; end the file with: export default createApp({ resources: [...] })`,
  );
}

function hasTypes(app: unknown): app is { readonly types: readonly ResourceType[] } {
  return isJsonObject(app) && Array.isArray(app["types"]);
}

/** What can pass between processes: errors as their texts. */
function plain(fields: object): object {
  return Object.fromEntries(
    Object.entries(fields).map(([name, value]) => [name, value instanceof Error ? plainError(value) : value]),
  );
}

function plainError({ name, message, stack, cause }: Error): object {
  return { type: name, message, stack, ...(cause instanceof Error ? { cause: plainError(cause) } : {}) };
}
