import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { writeFile } from "node:fs/promises";
import { basename, join, resolve } from "node:path";
import { escapeIdentifier, escapeLiteral } from "pg";
import { type AfootProcess, startAfoot, temporaryFolder } from "../support/afoot-process.ts";
import { type NatsServer, startNats } from "../support/nats.ts";
import { type PostgresServer, startPostgres } from "../support/postgres.ts";
import { type ComposeFile, type ComposeService, serviceOf } from "./compose-file.ts";

/** The folder that the image has as its root. */
const APP_FOLDER = resolve(import.meta.dirname, "../../examples");

/** The services of compose.yaml as local processes, with its commands, settings and environment on local hosts and ports. */
export interface Started extends AsyncDisposable {
  readonly servers: readonly AfootProcess[];
  readonly workers: readonly AfootProcess[];
  /** Runs the health check of a server's container. Resolves to the exit code. */
  readonly check: (server: AfootProcess) => Promise<number | null>;
  /** Settings skipped because an installed service is too old. Empty if none. */
  readonly skippedSettings: string;
}

export async function startCompose(compose: ComposeFile): Promise<Started> {
  await using stack = new AsyncDisposableStack();
  const folder = stack.use(await temporaryFolder());
  const postgres = await startDatabase(serviceOf(compose, "postgres"));
  stack.defer(() => postgres.remove());
  const { nats, skippedSettings } = await startBroker(compose, folder.path);
  stack.use(nats);
  const localize = (value: string): string =>
    value
      .replaceAll("postgres:5432", `127.0.0.1:${postgres.port}`)
      .replaceAll("nats:4222", `127.0.0.1:${nats.port}`)
      .replaceAll("0.0.0.0", "127.0.0.1")
      .replaceAll("/app/data", folder.path);
  const replicasOf = async (name: string): Promise<readonly AfootProcess[]> => {
    const replicas = await startReplicas(serviceOf(compose, name), localize);
    for (const each of replicas) stack.use(each);
    return replicas;
  };
  const servers = await replicasOf("server");
  const workers = await replicasOf("worker");
  const owned = stack.move();
  return {
    servers,
    workers,
    skippedSettings,
    check: ({ origin }) => runHealthcheck(serviceOf(compose, "server"), origin),
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

/** Creates the role and the database, as the image of PostgreSQL does from its environment. */
async function startDatabase({ environment }: ComposeService): Promise<PostgresServer> {
  const { POSTGRES_USER: user = "", POSTGRES_PASSWORD: password = "", POSTGRES_DB: database = "" } = environment;
  const server = await startPostgres();
  await server.query(`create role ${escapeIdentifier(user)} superuser login password ${escapeLiteral(password)}`);
  await server.query(`create database ${escapeIdentifier(database)} owner ${escapeIdentifier(user)}`);
  return server;
}

async function startBroker(
  compose: ComposeFile,
  folder: string,
): Promise<{ readonly nats: NatsServer; readonly skippedSettings: string }> {
  const service = serviceOf(compose, "nats");
  const files = new Map(service.configs.map(({ source, target }) => [target, compose.configs[source]?.content ?? ""]));
  let skippedSettings = "";
  const flags: string[] = [];
  for (const flag of service.command) {
    const content = files.get(flag);
    if (content === undefined) {
      flags.push(flag);
      continue;
    }
    const path = join(folder, basename(flag));
    // Removes ports and folders, which flags set to local values.
    const settings = content.replaceAll(/^ *(?:port|http_port|store_dir): .*\n/gm, "");
    await writeFile(path, settings);
    const [known, unknown] = removeUnknownSettings(settings, validationErrorOf(path));
    await writeFile(path, known);
    skippedSettings = unknown;
    flags.push(path);
  }
  return { nats: await startNats(flags), skippedSettings };
}

/** Validates a settings file with the installed server. Returns its error, or an empty text. */
function validationErrorOf(path: string): string {
  const { stderr, status } = spawnSync("nats-server", ["-t", "--config", path], { encoding: "utf8" });
  return status === 0 ? "" : stderr;
}

/** Removes sync_interval for servers before 2.10. Other validation errors are returned unchanged. */
function removeUnknownSettings(
  settings: string,
  validationError: string,
): readonly [known: string, skippedSettings: string] {
  if (!validationError.includes('unknown field "sync_interval"')) return [settings, validationError];
  return [settings.replace(/^.*sync_interval.*\n/m, ""), "nats-server is older than 2.10: run without sync_interval"];
}

async function startReplicas(
  { command, environment, deploy }: ComposeService,
  localize: (value: string) => string,
): Promise<readonly AfootProcess[]> {
  const [subcommand, app = "", ...flags] = command;
  if (subcommand !== "start") throw new Error(`compose.yaml runs afoot ${subcommand}`);
  const settings = Object.entries(environment).map(([name, value]) => [name, localize(value)] as const);
  return Promise.all(
    Array.from({ length: deploy.replicas }, () =>
      startAfoot({ app: join(APP_FOLDER, app), flags: flags.map(localize), environment: Object.fromEntries(settings) }),
    ),
  );
}

async function runHealthcheck({ healthcheck }: ComposeService, origin: string): Promise<number | null> {
  if (!("test" in healthcheck)) throw new Error("compose.yaml has no health check for servers");
  const [kind, command = "", ...argv] = healthcheck.test;
  if (kind !== "CMD" || command !== "node") {
    throw new Error(`unsupported health check in compose.yaml: ${kind} ${command}`);
  }
  const child = spawn(
    process.execPath,
    argv.map((each) => each.replace("http://127.0.0.1:8080", origin)),
    { stdio: "inherit" },
  );
  await once(child, "exit");
  return child.exitCode;
}
