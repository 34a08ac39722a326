import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { eventually } from "./eventually.ts";
import { freePort } from "./free-port.ts";

/** A real nats-server with JetStream, on a free port of its own. */
export interface NatsServer extends AsyncDisposable {
  readonly url: string;
  readonly port: number;
  /** SIGKILL; `start` brings it back on the same port, with what JetStream had stored. */
  readonly kill: () => Promise<void>;
  readonly start: () => Promise<void>;
  /** SIGSTOP: it holds its connections and says nothing. Gives how to wake it up. */
  readonly freeze: () => () => void;
}

const MISSING = "nats-server is not on the PATH; install it, on Debian: apt-get install nats-server";

/** Why tests that need NATS are skipped here; false where it is there, and where a skip hides a broken set-up. */
export function natsMissing(): string | false {
  if (process.env["CI"] === "true") return false;
  return spawnSync("nats-server", ["--version"]).error === undefined ? false : MISSING;
}

/** Starts one server. `flags` go to nats-server as they are. */
export async function startNats(flags: readonly string[] = [], port?: number): Promise<NatsServer> {
  return started({ name: "single", port: port ?? (await freePort()), folder: await newFolder(), flags });
}

/** The names of the nodes of a cluster. */
export const NATS_NODES = ["one", "two", "three"] as const;

/** Gives the port by which one node of a cluster reaches another, which listens for nodes on `port`. */
export type NatsRoute = (from: string, to: string, port: number) => Promise<number>;

/**
 * Starts three servers that are one cluster. Resolves once JetStream has a leader among them.
 *
 * @param route where connections of nodes pass; then neither nodes nor clients tell each other of another way
 */
export async function startNatsCluster(route?: NatsRoute): Promise<readonly NatsServer[]> {
  const ports = await Promise.all(Array.from({ length: 9 }, freePort));
  return Promise.all(
    NATS_NODES.map(async (name, index) => {
      const routes = await Promise.all(
        NATS_NODES.map(async (to, at) => {
          const port = ports[3 + at] ?? 0;
          if (route === undefined || at === index) return `nats://127.0.0.1:${port}`;
          // Two that dial each other by different ways would each close the other's connection as one too many.
          return at > index ? `nats://${NOWHERE}` : `nats://127.0.0.1:${await route(name, to, port)}`;
        }),
      );
      const own = `nats://127.0.0.1:${ports[3 + index]}`;
      const alone = route === undefined ? [] : ["--no_advertise", "--cluster_advertise", NOWHERE];
      const flags = ["--cluster_name", "test", "--cluster", own, "--routes", routes.join(","), ...alone];
      return started({
        name,
        port: ports[index] ?? 0,
        folder: await newFolder(),
        flags,
        healthPort: ports[6 + index] ?? 0,
      });
    }),
  );
}

/** An address at which no server listens. */
const NOWHERE = "127.0.0.1:1";

function newFolder(): Promise<string> {
  return mkdtemp(join(tmpdir(), "afoot-nats-"));
}

interface Set {
  readonly name: string;
  readonly port: number;
  readonly folder: string;
  readonly flags: readonly string[];
  /** Port of the health check of a cluster node, which reports whether the node has found the others. */
  readonly healthPort?: number;
}

async function started({ name, port, folder, flags, healthPort }: Set): Promise<NatsServer> {
  const argv = [
    "--addr",
    "127.0.0.1",
    "--port",
    String(port),
    "--name",
    name,
    "--jetstream",
    "--store_dir",
    folder,
    ...(healthPort === undefined ? [] : ["--http_port", String(healthPort)]),
    ...flags,
  ];
  let child: ChildProcess | undefined;
  const kill = async (): Promise<void> => {
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const exited = once(child, "exit");
    child.kill("SIGKILL");
    await exited;
  };
  const start = async (): Promise<void> => {
    child = spawn("nats-server", argv, { stdio: ["ignore", "ignore", "pipe"] });
    await saidBy(child, /Server is ready/);
    if (healthPort !== undefined) await healthy(healthPort);
  };
  await start();
  return {
    port,
    url: `nats://127.0.0.1:${port}`,
    kill,
    start,
    freeze() {
      child?.kill("SIGSTOP");
      return () => void child?.kill("SIGCONT");
    },
    async [Symbol.asyncDispose]() {
      await kill();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** Resolves once JetStream has a leader that this node knows. */
async function healthy(port: number): Promise<void> {
  await eventually("JetStream to have a leader", async () => {
    const response = await fetch(`http://127.0.0.1:${port}/healthz`).catch(() => undefined);
    await response?.arrayBuffer();
    return response?.ok === true;
  });
}

async function saidBy(child: ChildProcess, ready: RegExp): Promise<void> {
  const lines: string[] = [];
  const there = Promise.withResolvers<void>();
  child.once("error", there.reject);
  child.once("exit", (code) => there.reject(new Error(`nats-server ended with ${code}:\n${lines.join("\n")}`)));
  if (child.stderr === null) throw new Error("the process has no standard error");
  createInterface({ input: child.stderr }).on("line", (line) => {
    lines.push(line);
    if (lines.length > 200) lines.shift();
    if (ready.test(line)) there.resolve();
  });
  await there.promise;
}
