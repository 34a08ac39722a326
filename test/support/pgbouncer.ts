import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { chmod, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { eventually } from "./eventually.ts";
import { freePort } from "./free-port.ts";

/** A real PgBouncer in front of a database. */
export interface PgBouncer extends AsyncDisposable {
  /** URL of the same database through the pooler. */
  readonly url: string;
}

const MISSING = "pgbouncer is not installed; install it, on Debian: apt-get install pgbouncer";

/** Debian installs it where only administrators look. */
const PATH = `${process.env["PATH"] ?? ""}:/usr/sbin`;

/** Returns the reason to skip tests that need PgBouncer, or false. Always false in CI, where a skip would hide a broken setup. */
export function pgBouncerMissing(): string | false {
  if (process.env["CI"] === "true") return false;
  return spawnSync("pgbouncer", ["--version"], { env: { ...process.env, PATH } }).error === undefined ? false : MISSING;
}

/** Starts a pooler. It keeps few sessions, so that clients share them. */
export async function startPgBouncer(database: string, mode: "transaction" | "session"): Promise<PgBouncer> {
  const { hostname, port: serverPort, username, password, pathname } = new URL(database);
  const name = pathname.slice(1);
  const port = await freePort();
  const folder = await mkdtemp(join(tmpdir(), "afoot-pgbouncer-"));
  const file = join(folder, "pgbouncer.ini");
  await writeFile(
    file,
    `[databases]
${name} = host=${hostname} port=${serverPort} dbname=${name} user=${username} password=${password}
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = ${port}
unix_socket_dir =
auth_type = any
pool_mode = ${mode}
default_pool_size = 20
max_client_conn = 500
ignore_startup_parameters = extra_float_digits,options
`,
  );
  // It refuses to run as root.
  await chmod(folder, 0o755);
  const identity = process.getuid?.() === 0 ? { uid: 65_534, gid: 65_534 } : {};
  const child = spawn("pgbouncer", [file], {
    ...identity,
    env: { ...process.env, PATH },
    stdio: ["ignore", "ignore", "pipe"],
  });
  let log = "";
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    log += text;
  });
  const ended = once(child, "exit");
  await eventually(`PgBouncer to listen; its log: ${log}`, () => {
    if (child.exitCode !== null) throw new Error(`pgbouncer ended:\n${log}`);
    return log.includes(`listening on 127.0.0.1:${port}`);
  });
  return {
    url: `postgres://${username}@127.0.0.1:${port}/${name}`,
    async [Symbol.asyncDispose]() {
      child.kill("SIGKILL");
      await ended;
      await rm(folder, { recursive: true, force: true });
    },
  };
}
