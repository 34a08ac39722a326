import { type ChildProcess, execFile, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { promisify } from "node:util";
import { makeCertificate } from "./certificate.ts";
import { freePort } from "./free-port.ts";

/** A real RabbitMQ node with a folder, ports and Erlang port mapper of its own. */
export interface RabbitServer extends AsyncDisposable {
  /** URL for the virtual host `/`, as a user who may do everything. */
  readonly url: string;
  /** URL with TLS, and the certificate that signs it. */
  readonly tls: { readonly url: string; readonly cert: string };
  readonly port: number;
  /** Returns the URL of another user, password or virtual host. */
  readonly urlOf: (user: string, password: string, vhost?: string) => string;
  /** SIGKILL; `start` brings it back on the same ports, with what durable queues had stored. */
  readonly kill: () => Promise<void>;
  readonly start: () => Promise<void>;
  /** SIGSTOP: it holds its connections and sends nothing. Returns the function that resumes it. */
  readonly freeze: () => () => void;
  /** Evaluates an Erlang expression in the node. */
  readonly evaluate: (expression: string) => Promise<void>;
}

const PROGRAM = "/usr/lib/rabbitmq/bin/rabbitmq-server";
const MISSING = "RabbitMQ is not installed; on Debian: apt-get install rabbitmq-server";

/** Why tests that need RabbitMQ are skipped here; false where it is there, and where a skip hides a broken set-up. */
export function rabbitMissing(): string | false {
  if (process.env["CI"] === "true") return false;
  return spawnSync("epmd", ["-names"]).error === undefined && spawnSync("test", ["-x", PROGRAM]).status === 0
    ? false
    : MISSING;
}

/** The user of `url`. Its password has characters that a URL must encode. */
const ADMINISTRATOR = { name: "afoot-administrator", password: "pass/word@1:2%" };
/** A user who may only read queues that exist. */
export const READER = { name: "afoot-reader", password: "reader-password" };

export async function startRabbit(): Promise<RabbitServer> {
  const folder = await mkdtemp(join(tmpdir(), "afoot-rabbitmq-"));
  const [port = 0, tlsPort = 0, epmdPort = 0, distributionPort = 0] = await Promise.all(
    Array.from({ length: 4 }, freePort),
  );
  const { cert, key } = makeCertificate(folder);
  await mkdir(join(folder, "home"));
  await writeFile(
    join(folder, "rabbitmq.conf"),
    `listeners.tcp.1 = 127.0.0.1:${port}
listeners.ssl.1 = 127.0.0.1:${tlsPort}
ssl_options.certfile = ${cert}
ssl_options.keyfile = ${key}
load_definitions = ${folder}/definitions.json
disk_free_limit.absolute = 1MB
`,
  );
  await writeFile(join(folder, "definitions.json"), JSON.stringify(DEFINITIONS));
  const environment = {
    ...process.env,
    HOME: join(folder, "home"),
    ERL_EPMD_PORT: String(epmdPort),
    ERL_EPMD_ADDRESS: "127.0.0.1",
    RABBITMQ_NODENAME: "afoot@localhost",
    RABBITMQ_DIST_PORT: String(distributionPort),
    RABBITMQ_MNESIA_BASE: join(folder, "mnesia"),
    RABBITMQ_LOG_BASE: join(folder, "log"),
    RABBITMQ_CONFIG_FILE: join(folder, "rabbitmq"),
    RABBITMQ_CONF_ENV_FILE: join(folder, "none"),
    RABBITMQ_ENABLED_PLUGINS_FILE: join(folder, "plugins"),
    RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS: "+S 2:2 +sbwt none",
  };
  const epmd = spawn("epmd", ["-address", "127.0.0.1", "-port", String(epmdPort)], { stdio: "ignore" });
  let node: ChildProcess | undefined;
  const send = (signal: NodeJS.Signals): void => {
    // The script runs the node as a child, in the same process group.
    if (node?.pid !== undefined) process.kill(-node.pid, signal);
  };
  const kill = async (): Promise<void> => {
    if (node === undefined || node.exitCode !== null || node.signalCode !== null) return;
    const exited = once(node, "exit");
    send("SIGKILL");
    await exited;
  };
  const start = async (): Promise<void> => {
    node = spawn(PROGRAM, [], { env: environment, stdio: ["ignore", "pipe", "inherit"], detached: true });
    await started(node);
  };
  const urlOf = (user: string, password: string, vhost = ""): string =>
    `amqp://${encodeURIComponent(user)}:${encodeURIComponent(password)}@127.0.0.1:${port}/${encodeURIComponent(vhost)}`;
  const url = urlOf(ADMINISTRATOR.name, ADMINISTRATOR.password);
  await start();
  return {
    url,
    tls: { url: url.replace("amqp:", "amqps:").replace(`:${port}`, `:${tlsPort}`), cert },
    port,
    urlOf,
    kill,
    start,
    freeze() {
      send("SIGSTOP");
      return () => send("SIGCONT");
    },
    async evaluate(expression) {
      const argv = ["--node", "afoot@localhost", "eval", expression];
      await promisify(execFile)("/usr/lib/rabbitmq/bin/rabbitmqctl", argv, { env: environment });
    },
    async [Symbol.asyncDispose]() {
      await kill();
      epmd.kill("SIGKILL");
      await rm(folder, { recursive: true, force: true });
    },
  };
}

const DEFINITIONS = {
  vhosts: [{ name: "/" }],
  users: [
    { ...ADMINISTRATOR, tags: "administrator" },
    { ...READER, tags: "" },
  ],
  permissions: [
    { user: ADMINISTRATOR.name, vhost: "/", configure: ".*", write: ".*", read: ".*" },
    { user: READER.name, vhost: "/", configure: "", write: "", read: ".*" },
  ],
};

async function started(node: ChildProcess): Promise<void> {
  const lines: string[] = [];
  const there = Promise.withResolvers<void>();
  node.once("error", there.reject);
  node.once("exit", (code) => there.reject(new Error(`RabbitMQ ended with ${code}:\n${lines.join("\n")}`)));
  if (node.stdout === null) throw new Error("the process has no standard output");
  createInterface({ input: node.stdout }).on("line", (line) => {
    lines.push(line);
    if (lines.length > 200) lines.shift();
    if (/completed with \d+ plugins/.test(line)) there.resolve();
  });
  await there.promise;
}
