import { parseArgs } from "node:util";
import { DefinitionError } from "../../core/errors.ts";
import { isLoopback } from "./loopback.ts";

export type Role = "all" | "server" | "worker";

export interface StartOptions {
  readonly app: string | undefined;
  readonly role: Role;
  readonly port: number;
  readonly host: string;
  /** Serve without authentication on an address that others reach. */
  readonly open: boolean;
  readonly store: string;
  readonly broker: string;
  /** The file of API keys that are let in, beside whom the app itself knows. */
  readonly keys: string | undefined;
  /** How long an event loop may stand still before its process is ended. */
  readonly stallMs: number;
  /** The heap that a process of isolated work may use. */
  readonly workMemoryMb: number;
}

type Environment = Readonly<Record<string, string | undefined>>;

/** Reads flags and environment; a flag wins over its variable. */
export function startOptions(argv: readonly string[], environment: Environment): StartOptions {
  const { values, positionals } = parseArgs({
    args: [...argv],
    allowPositionals: true,
    options: {
      role: { type: "string" },
      port: { type: "string" },
      host: { type: "string" },
      open: { type: "boolean", default: false },
      store: { type: "string" },
      broker: { type: "string" },
      keys: { type: "string" },
    },
  });
  if (positionals.length > 1) {
    throw new DefinitionError(`one app file at most, not ${positionals.length}: ${positionals.join(" ")}`);
  }
  const given = (flag: "role" | "port" | "host" | "store" | "broker" | "keys", variable: string): string | undefined =>
    values[flag] ?? (environment[variable] === "" ? undefined : environment[variable]);
  return {
    app: positionals[0],
    role: roleOf(given("role", "AFOOT_ROLE") ?? "all"),
    port: portOf(given("port", "PORT") ?? "8080"),
    host: given("host", "HOST") ?? "127.0.0.1",
    open: values.open,
    store: given("store", "AFOOT_STORE") ?? "sqlite:data/afoot.db",
    broker: given("broker", "AFOOT_BROKER") ?? "local:",
    keys: given("keys", "AFOOT_KEYS"),
    stallMs: countOf("AFOOT_STALL_MS", environment, 15_000),
    workMemoryMb: countOf("AFOOT_WORK_MEMORY_MB", environment, 512),
  };
}

function roleOf(role: string): Role {
  if (role === "all" || role === "server" || role === "worker") return role;
  throw new DefinitionError(`--role: ${JSON.stringify(role)} is not a role; use all, server or worker`);
}

export function portOf(text: string): number {
  const port = Number(text);
  if (/^\d+$/.test(text) && port <= 65_535) return port;
  throw new DefinitionError(
    `--port: ${JSON.stringify(text)} is not a port; use a number from 0 (any free one) to 65535`,
  );
}

function countOf(variable: string, environment: Environment, otherwise: number): number {
  const text = environment[variable];
  if (text === undefined || text === "") return otherwise;
  const count = Number(text);
  if (Number.isSafeInteger(count) && count > 0) return count;
  throw new DefinitionError(`${variable}: ${JSON.stringify(text)} is not a whole number above zero`);
}

/** Throws where an app without authentication would be served to others, unless that is what `--open` says. */
export function checkExposure({ host, open }: StartOptions, authenticates: boolean): void {
  if (authenticates || open || isLoopback(host)) return;
  throw new DefinitionError(
    `--host ${host}: the app declares no authenticate, so that anybody could use it; give --keys FILE, add authenticate to createApp, bind to 127.0.0.1, or say --open`,
  );
}
