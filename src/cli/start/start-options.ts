import { parseArgs } from "node:util";
import { DefinitionError } from "../../core/errors.ts";
import { parsePublicUrl } from "../../server/http/public-url.ts";
import { isLoopback } from "./loopback.ts";

export type Role = "all" | "server" | "worker";

export interface StartOptions {
  readonly app: string | undefined;
  readonly role: Role;
  readonly port: number;
  readonly host: string;
  /** Allows to serve without authentication on an address that other machines can reach. */
  readonly open: boolean;
  /** Serves agents at `/mcp`. */
  readonly mcp: boolean;
  readonly store: string;
  /** URL of the database itself, if `store` leads to a pooler in transaction mode. */
  readonly listenUrl: string | undefined;
  readonly broker: string;
  /** URL of a queue of status messages. */
  readonly inlet: string | undefined;
  /** URL under which clients reach the server, with the path prefix that a proxy removes. */
  readonly publicUrl: string | undefined;
  /** File of API keys to accept in addition to the app's own authentication. */
  readonly keys: string | undefined;
  /** Time for running work to finish or be handed back after a stop request. */
  readonly graceMs: number;
  /** Maximum time for which an event loop may block before its process is killed. */
  readonly stallMs: number;
  /** Maximum heap size of an isolated worker process. */
  readonly workMemoryMb: number;
}

type Environment = Readonly<Record<string, string | undefined>>;

/** Reads flags and environment variables. A flag overrides its variable. @throws DefinitionError */
export function startOptions(argv: readonly string[], environment: Environment): StartOptions {
  const { values, positionals } = parseArgs({
    args: [...argv],
    allowPositionals: true,
    options: {
      role: { type: "string" },
      port: { type: "string" },
      host: { type: "string" },
      open: { type: "boolean", default: false },
      mcp: { type: "boolean", default: false },
      store: { type: "string" },
      broker: { type: "string" },
      inlet: { type: "string" },
      "public-url": { type: "string" },
      keys: { type: "string" },
      grace: { type: "string" },
    },
  });
  if (positionals.length > 1) {
    throw new DefinitionError(`expected at most one app file, got ${positionals.length}: ${positionals.join(" ")}`);
  }
  const flagOrVariable = (
    flag: "role" | "port" | "host" | "store" | "broker" | "inlet" | "public-url" | "keys",
    variable: string,
  ): string | undefined => values[flag] ?? (environment[variable] === "" ? undefined : environment[variable]);
  return {
    app: positionals[0],
    role: parseRole(flagOrVariable("role", "AFOOT_ROLE") ?? "all"),
    port: parsePort(flagOrVariable("port", "PORT") ?? "8080"),
    host: flagOrVariable("host", "HOST") ?? "127.0.0.1",
    open: values.open,
    mcp: values.mcp,
    store: flagOrVariable("store", "AFOOT_STORE") ?? "sqlite:data/afoot.db",
    listenUrl: environment["AFOOT_LISTEN_URL"] === "" ? undefined : environment["AFOOT_LISTEN_URL"],
    broker: flagOrVariable("broker", "AFOOT_BROKER") ?? "local:",
    inlet: flagOrVariable("inlet", "AFOOT_INLET"),
    publicUrl: parseOptional(flagOrVariable("public-url", "AFOOT_PUBLIC_URL")),
    keys: flagOrVariable("keys", "AFOOT_KEYS"),
    graceMs: parseGrace(values.grace, environment),
    stallMs: positiveInteger("AFOOT_STALL_MS", environment, 15_000),
    workMemoryMb: positiveInteger("AFOOT_WORK_MEMORY_MB", environment, 512),
  };
}

const DEFAULT_GRACE_MS = 10_000;
const MAX_GRACE_S = 86_400;

/** Reads `--grace` in seconds, or else `AFOOT_GRACE_MS` in milliseconds. */
function parseGrace(flag: string | undefined, environment: Environment): number {
  const variable = environment["AFOOT_GRACE_MS"] ?? "";
  if (flag === undefined && variable === "") return DEFAULT_GRACE_MS;
  const [name, text, unitMs] =
    flag === undefined ? (["AFOOT_GRACE_MS", variable, 1] as const) : (["--grace", flag, 1000] as const);
  const graceMs = Number(text) * unitMs;
  if (/^\d+(?:\.\d+)?$/.test(text) && graceMs <= MAX_GRACE_S * 1000) return Math.round(graceMs);
  const unit = unitMs === 1 ? "milliseconds" : "seconds";
  throw new DefinitionError(
    `${name}: ${JSON.stringify(text)} is invalid; it must be a number of ${unit} from 0 to ${(MAX_GRACE_S * 1000) / unitMs} (a day)`,
  );
}

function parseOptional(publicUrl: string | undefined): string | undefined {
  return publicUrl === undefined ? undefined : parsePublicUrl(publicUrl, "--public-url");
}

function parseRole(role: string): Role {
  if (role === "all" || role === "server" || role === "worker") return role;
  throw new DefinitionError(`--role: ${JSON.stringify(role)} is not a role; it must be all, server or worker`);
}

export function parsePort(text: string): number {
  const port = Number(text);
  if (/^\d+$/.test(text) && port <= 65_535) return port;
  throw new DefinitionError(
    `--port: ${JSON.stringify(text)} is not a port; it must be a number from 0 (any free port) to 65535`,
  );
}

function positiveInteger(variable: string, environment: Environment, defaultValue: number): number {
  const text = environment[variable];
  if (text === undefined || text === "") return defaultValue;
  const count = Number(text);
  if (Number.isSafeInteger(count) && count > 0) return count;
  throw new DefinitionError(`${variable}: ${JSON.stringify(text)} is invalid; it must be an integer above 0`);
}

/** Refuses to serve an app without authentication to other machines, unless `--open` is set. @throws DefinitionError */
export function checkExposure({ host, open }: StartOptions, authenticates: boolean): void {
  if (authenticates || open || isLoopback(host)) return;
  throw new DefinitionError(
    `--host ${host}: the app has no authentication, so every client that reaches this address could use it; pass --keys FILE, add authenticate to createApp, bind to 127.0.0.1, or pass --open`,
  );
}
