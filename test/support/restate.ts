import { type ChildProcess, execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { eventually } from "./eventually.ts";
import { freePort } from "./free-port.ts";

/** Fetched from npm on demand: 216 MB under the Business Source License, which nothing else needs. */
const PACKAGE = "@restatedev/restate-server@1.7.12";

/** A real Restate server with a folder and ports of its own. It is not started yet. */
export interface RestateServer extends AsyncDisposable {
  readonly url: string;
  readonly adminUrl: string;
  readonly start: () => Promise<void>;
  /** Sends SIGKILL. `start` starts it again with all that it has stored. */
  readonly kill: () => Promise<void>;
  /** Registers the services at a URL, once they are there. */
  readonly register: (uri: string) => Promise<void>;
}

export async function restateServer(): Promise<RestateServer> {
  const folder = await mkdtemp(join(tmpdir(), "afoot-restate-"));
  const [ingress = 0, admin = 0, node = 0] = await Promise.all(Array.from({ length: 3 }, freePort));
  const find = ["exec", "--yes", "--ignore-scripts", `--package=${PACKAGE}`, "-c"];
  const { stdout } = await promisify(execFile)("npm", [...find, 'readlink -f "$(command -v restate-server)"'], {
    cwd: folder,
  });
  const url = `http://127.0.0.1:${ingress}`;
  const adminUrl = `http://127.0.0.1:${admin}`;
  const environment = {
    ...process.env,
    DO_NOT_TRACK: "1",
    RESTATE_DISABLE_TELEMETRY: "true",
    RESTATE_BASE_DIR: join(folder, "data"),
    RESTATE_NODE_NAME: "afoot",
    RESTATE_LISTEN_MODE: "tcp",
    RESTATE_DEFAULT_NUM_PARTITIONS: "1",
    RESTATE_BIND_ADDRESS: `127.0.0.1:${node}`,
    RESTATE_INGRESS__BIND_ADDRESS: `127.0.0.1:${ingress}`,
    RESTATE_ADMIN__BIND_ADDRESS: `127.0.0.1:${admin}`,
  };
  let child: ChildProcess | undefined;
  const isServing = async (path: string): Promise<boolean> => {
    const response = await fetch(path).catch(() => undefined);
    await response?.arrayBuffer();
    return response?.ok === true;
  };
  const kill = async (): Promise<void> => {
    if (child?.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const exited = once(child, "exit");
    // The program of the package runs the server as a child, in the same process group.
    process.kill(-child.pid, "SIGKILL");
    await exited;
  };
  return {
    url,
    adminUrl,
    kill,
    async start() {
      child = spawn(process.execPath, [stdout.trim()], { env: environment, stdio: "ignore", detached: true });
      await eventually("Restate to serve", async () =>
        (await isServing(`${adminUrl}/health`)) ? isServing(`${url}/restate/health`) : false,
      );
    },
    async register(uri) {
      const headers = { "Content-Type": "application/json" };
      const request = { method: "POST", headers, body: JSON.stringify({ uri }) };
      await eventually(`the services at ${uri}`, async () => (await fetch(`${adminUrl}/deployments`, request)).ok);
    },
    async [Symbol.asyncDispose]() {
      await kill();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
