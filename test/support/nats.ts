import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
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

/** Starts three servers that are one cluster. Resolves once JetStream has a leader among them. */
export async function startNatsCluster(): Promise<readonly NatsServer[]> {
  const ports = await Promise.all(Array.from({ length: 6 }, freePort));
  const routes = ports.slice(3).map((port) => `nats://127.0.0.1:${port}`);
  return Promise.all(
    ["one", "two", "three"].map(async (name, index) => {
      const flags = ["--cluster_name", "test", "--cluster", routes[index] ?? "", "--routes", routes.join(",")];
      return started({
        name,
        port: ports[index] ?? 0,
        folder: await newFolder(),
        flags,
        ready: /JetStream cluster (?:new )?metadata leader/,
      });
    }),
  );
}

function newFolder(): Promise<string> {
  return mkdtemp(join(tmpdir(), "afoot-nats-"));
}

interface Set {
  readonly name: string;
  readonly port: number;
  readonly folder: string;
  readonly flags: readonly string[];
  /** What it logs once it can be used. */
  readonly ready?: RegExp;
}

async function started({ name, port, folder, flags, ready = /Server is ready/ }: Set): Promise<NatsServer> {
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
    await saidBy(child, ready);
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

async function saidBy(child: ChildProcess, ready: RegExp): Promise<void> {
  const said: string[] = [];
  const there = Promise.withResolvers<void>();
  child.once("error", there.reject);
  child.once("exit", (code) => there.reject(new Error(`nats-server ended with ${code}:\n${said.join("\n")}`)));
  if (child.stderr === null) throw new Error("the process has no standard error");
  createInterface({ input: child.stderr }).on("line", (line) => {
    said.push(line);
    if (said.length > 200) said.shift();
    if (ready.test(line)) there.resolve();
  });
  await there.promise;
}
