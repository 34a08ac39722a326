import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { writeFile } from "node:fs/promises";
import { basename, join, resolve } from "node:path";
import { escapeIdentifier, escapeLiteral } from "pg";
import { type AfootProcess, startAfoot, temporaryFolder } from "../support/afoot-process.ts";
import { type NatsServer, startNats } from "../support/nats.ts";
import { type PostgresServer, startPostgres } from "../support/postgres.ts";
import { type ComposeFile, type ComposeService, serviceOf } from "./compose-file.ts";

/** What the image has at its root. */
const APP_FOLDER = resolve(import.meta.dirname, "../../examples");

/** All of compose.yaml, run by hand: its commands, settings and environment, with names of hosts and ports put on this machine. */
export interface Started extends AsyncDisposable {
  readonly servers: readonly AfootProcess[];
  readonly workers: readonly AfootProcess[];
  /** Runs the check of a server's container. Gives the exit code. */
  readonly check: (server: AfootProcess) => Promise<number | null>;
  /** What a service of this machine does not know, for being too old. */
  readonly leftOut: string;
}

export async function startCompose(compose: ComposeFile): Promise<Started> {
  await using stack = new AsyncDisposableStack();
  const folder = stack.use(await temporaryFolder());
  const postgres = await startDatabase(serviceOf(compose, "postgres"));
  stack.defer(() => postgres.remove());
  const { nats, leftOut } = await startBroker(compose, folder.path);
  stack.use(nats);
  const here = (value: string): string =>
    value
      .replaceAll("postgres:5432", `127.0.0.1:${postgres.port}`)
      .replaceAll("nats:4222", `127.0.0.1:${nats.port}`)
      .replaceAll("0.0.0.0", "127.0.0.1")
      .replaceAll("/app/data", folder.path);
  const replicasOf = async (name: string): Promise<readonly AfootProcess[]> => {
    const replicas = await startReplicas(serviceOf(compose, name), here);
    for (const each of replicas) stack.use(each);
    return replicas;
  };
  const servers = await replicasOf("server");
  const workers = await replicasOf("worker");
  const owned = stack.move();
  return {
    servers,
    workers,
    leftOut,
    check: ({ origin }) => checked(serviceOf(compose, "server"), origin),
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

/** What the image of PostgreSQL does with its environment. */
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
): Promise<{ readonly nats: NatsServer; readonly leftOut: string }> {
  const service = serviceOf(compose, "nats");
  const files = new Map(service.configs.map(({ source, target }) => [target, compose.configs[source]?.content ?? ""]));
  let leftOut = "";
  const flags: string[] = [];
  for (const flag of service.command) {
    const content = files.get(flag);
    if (content === undefined) {
      flags.push(flag);
      continue;
    }
    const path = join(folder, basename(flag));
    // Ports and folders are those of this machine, which the server is given as flags.
    const settings = content.replaceAll(/^ *(?:port|http_port|store_dir): .*\n/gm, "");
    await writeFile(path, settings);
    const [known, unknown] = withoutUnknown(settings, refusalOf(path));
    await writeFile(path, known);
    leftOut = unknown;
    flags.push(path);
  }
  return { nats: await startNats(flags), leftOut };
}

/** What the server of this machine says against a file of settings. */
function refusalOf(path: string): string {
  const { stderr, status } = spawnSync("nats-server", ["-t", "--config", path], { encoding: "utf8" });
  return status === 0 ? "" : stderr;
}

/** A server before 2.10 does not know how to wait for the disk at every message. Anything else that is refused is a mistake. */
function withoutUnknown(settings: string, refusal: string): readonly [known: string, leftOut: string] {
  if (!refusal.includes('unknown field "sync_interval"')) return [settings, refusal];
  return [settings.replace(/^.*sync_interval.*\n/m, ""), "nats-server is older than 2.10: run without sync_interval"];
}

async function startReplicas(
  { command, environment, deploy }: ComposeService,
  here: (value: string) => string,
): Promise<readonly AfootProcess[]> {
  const [subcommand, app = "", ...flags] = command;
  if (subcommand !== "start") throw new Error(`compose.yaml runs afoot ${subcommand}`);
  const settings = Object.entries(environment).map(([name, value]) => [name, here(value)] as const);
  return Promise.all(
    Array.from({ length: deploy.replicas }, () =>
      startAfoot({ app: join(APP_FOLDER, app), flags: flags.map(here), environment: Object.fromEntries(settings) }),
    ),
  );
}

async function checked({ healthcheck }: ComposeService, origin: string): Promise<number | null> {
  if (!("test" in healthcheck)) throw new Error("compose.yaml does not check its servers");
  const [how, command = "", ...argv] = healthcheck.test;
  if (how !== "CMD" || command !== "node") throw new Error(`compose.yaml checks by ${how} ${command}`);
  const child = spawn(
    process.execPath,
    argv.map((each) => each.replace("http://127.0.0.1:8080", origin)),
    { stdio: "inherit" },
  );
  await once(child, "exit");
  return child.exitCode;
}
